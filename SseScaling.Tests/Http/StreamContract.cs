using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Http;

/// <summary>What every stream promises, whichever way it is served and whatever carries the events. One subclass for each pair.</summary>
public abstract partial class StreamContract(ApiFixture fixture)
{
    protected ApiProcess Api => fixture.Api;

    protected HttpClient Http => fixture.Http;

    protected RedisServer? Redis => fixture.Redis;

    [Fact]
    public async Task A_stream_begins_at_once_with_its_headers_a_comment_the_retry_delay_and_its_position()
    {
        var topic = Drafts.NewTopic();
        await using var connection = await RawConnection.GetAsync(Api.Port, SseClient.Target(topic));

        var head = (await connection.ReadUntilAsync("\r\n\r\n")).ToLowerInvariant();
        var first = await connection.ReadUntilAsync("\n\n");

        Assert.StartsWith("http/1.1 200 ok\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\ncontent-type: text/event-stream\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\ncache-control: no-cache,no-transform\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nx-accel-buffering: no\r\n", head, StringComparison.Ordinal);

        // RFC 9112, section 6.3: chunks, or the end of the connection.
        var isDirect = fixture.IsDirect;
        Assert.Equal(isDirect, head.Contains("\r\nconnection: close\r\n", StringComparison.Ordinal));
        Assert.Equal(!isDirect, head.Contains("\r\ntransfer-encoding: chunked\r\n", StringComparison.Ordinal));
        Assert.EndsWith(": connected\nretry: 2000\nid: 0-0\n\n", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_gets_what_is_published_to_his_topic()
    {
        var user = Drafts.NewTopic("user");
        await using var client = await SseClient.OpenAsync(Http, $"/api/notifications?userId={user}");

        var id = await Http.PublishAsync($"notifications:{user}", """{"type":"like","userId":1}""");

        var item = await client.NextAsync();
        Assert.Equal(("message", """{"type":"like","userId":1}""", id), (item.EventType, item.Data, item.EventId));
    }

    [Fact]
    public async Task A_stream_of_several_topics_gets_the_events_of_each_in_order_and_of_no_other()
    {
        string[] topics = [Drafts.NewTopic("a"), Drafts.NewTopic("b & c"), Drafts.NewTopic("日本")];
        await using var client = await SseClient.OpenTopicsAsync(Http, [.. topics, topics[0]]);

        await Http.PublishNumbersAsync(Drafts.NewTopic("other"), 1, 5);
        for (var i = 0; i < topics.Length; i++)
            await Http.PublishNumbersAsync(topics[i], 100 * i, 50);

        var received = await client.TakeDataAsync(150);
        for (var i = 0; i < topics.Length; i++)
            Assert.Equal(ApiCalls.Numbers(100 * i, 50), received.Where(data => int.Parse(data, null) / 100 == i));
        Assert.Equal(0, client.Waiting);
    }

    [Theory]
    [InlineData("""{"type" : "like",  "n":1.50,"e":1e3, "esc":"\u00fc\/\ud83c\udf89\u2028" }""")]
    [InlineData("\"ünï 日本 🎉 \u2028 \u2029 \u0085\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("-0.0")]
    [InlineData("""{"data":"data: x","a":"\n\nid: 9-9\nevent: gap\ndata: {}\n\n"}""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("\":comment\"")]
    public async Task Data_arrives_byte_for_byte_as_it_was_published(string data)
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);

        await Http.PublishAsync(topic, data);
        await Http.PublishAsync(topic, "\"last\"");

        Assert.Equal([data, "\"last\""], await client.TakeDataAsync(2));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Json_of_several_lines_arrives_as_one_event_and_its_lines_start_no_fields(string lineBreak)
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);

        var id = await Http.PublishAsync(topic, $"{{{lineBreak}{lineBreak}\"a\":{lineBreak}1}}");
        await Http.PublishAsync(topic, "2");

        var item = await client.NextAsync();
        Assert.Equal(("{\n\n\"a\":\n1}", id), (item.Data, item.EventId));
        Assert.Equal("2", (await client.NextAsync()).Data);
    }

    [Fact]
    public async Task An_event_name_reaches_the_client_and_stays_with_its_event()
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);

        await Http.PublishBodyAsync($$"""
            [{"topic":"{{topic}}","data":1,"event":"new post: ü"},{"topic":"{{topic}}","data":2},{"topic":"{{topic}}","data":3,"event":""},
             {"topic":"{{topic}}","data":4,"event":null}]
            """);

        Assert.Equal(["new post: ü", "message", "message", "message"], (await client.TakeAsync(4)).Select(item => item.EventType));
    }

    [Fact]
    public async Task An_event_that_is_not_durable_has_no_id_and_leaves_the_last_one_as_it_was()
    {
        var topic = Drafts.NewTopic();
        await using var connection = await RawConnection.GetAsync(Api.Port, SseClient.Target(topic));
        await connection.ReadUntilAsync("id: 0-0\n\n");

        var none = await Http.PublishAsync(topic, "1", ",\"durable\":false");
        var id = await Http.PublishAsync(topic, "2");
        await Http.PublishAsync(topic, "3", ",\"durable\":false");

        var received = await connection.ReadUntilAsync("data: 3\n\n");
        Assert.Null(none);
        Assert.Contains("data: 1\n\n", received, StringComparison.Ordinal);
        Assert.Contains($"id: {id}\ndata: 2\n\n", received, StringComparison.Ordinal);
        Assert.Equal(2, received.Split("id: ").Length);
    }

    [Fact]
    public async Task An_idle_stream_gets_a_comment_every_now_and_then()
    {
        await using var connection = await RawConnection.GetAsync(Api.Port, SseClient.Target(Drafts.NewTopic()));

        for (var i = 0; i < 2; i++)
            await connection.ReadUntilAsync(": heartbeat\n\n");
    }

    [Fact]
    public async Task Types_choose_among_the_events_and_the_heartbeat_tells_of_the_ones_left_out()
    {
        var user = Drafts.NewTopic("user");
        await using var client = await SseClient.OpenAsync(Http, $"/api/notifications?userId={user}&types=like,%20new-post");

        string?[] ids =
        [
            await Http.PublishAsync($"notifications:{user}", """{"type":"like"}"""),
            await Http.PublishAsync($"notifications:{user}", """{"type":"comment"}"""),
            await Http.PublishAsync($"notifications:{user}", """{"nested":{"type":"like"}}"""),
            await Http.PublishAsync($"notifications:{user}", """{"nested":{"type":"x"},"type":"new-post"}"""),
            await Http.PublishAsync($"notifications:{user}", "[1]"),
            await Http.PublishAsync($"notifications:{user}", """{"type":5}"""),
        ];

        var items = await client.TakeAsync(2);
        Assert.Equal([ids[0], ids[3]], items.Select(item => item.EventId));
        await Eventually.TrueAsync(() => client.LastEventId == ids[5], "a heartbeat carries the position of the last event");
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public async Task Many_subscribers_of_one_topic_all_get_everything_in_order()
    {
        var topic = Drafts.NewTopic();
        var clients = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SseClient.OpenTopicsAsync(Http, topic)));

        var ids = await Http.PublishNumbersAsync(topic, 1, 300);

        foreach (var client in clients)
        {
            Assert.Equal(ids, (await client.TakeAsync(300)).Select(item => item.EventId!));
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_user_and_a_topic_stream_of_the_same_name_get_the_same_bytes()
    {
        var user = Drafts.NewTopic("user");
        await using var asUser = await RawConnection.GetAsync(Api.Port, $"/api/notifications?userId={user}");
        await using var asTopic = await RawConnection.GetAsync(Api.Port, $"/api/stream?topic=notifications%3A{user}");
        await asUser.ReadUntilAsync("id: 0-0\n\n");
        await asTopic.ReadUntilAsync("id: 0-0\n\n");

        await Http.PublishAsync($"notifications:{user}", JsonSerializer.Serialize(new string('x', 5000)));

        Assert.Equal(await EventAsync(asUser), await EventAsync(asTopic));
    }

    private static async Task<string> EventAsync(RawConnection connection)
    {
        await connection.ReadUntilAsync("id: ");
        return await connection.ReadUntilAsync("\n\n");
    }
}

public sealed class DirectInMemoryStreamTests(DirectInMemory api) : StreamContract(api), IClassFixture<DirectInMemory>;

public sealed class OrdinaryInMemoryStreamTests(OrdinaryInMemory api) : StreamContract(api), IClassFixture<OrdinaryInMemory>;

public sealed class DirectOnRedisStreamTests(DirectOnRedis api) : StreamContract(api), IClassFixture<DirectOnRedis>;

public sealed class OrdinaryOnRedisStreamTests(OrdinaryOnRedis api) : StreamContract(api), IClassFixture<OrdinaryOnRedis>;
