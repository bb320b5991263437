using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Topics;

/// <summary>What a replica does with Redis for its topics, seen from the side of Redis.</summary>
public sealed class TopicsOnRedisTests(TopicsOnRedis fixture) : IClassFixture<TopicsOnRedis>
{
    private HttpClient Http => fixture.Http;

    private RedisServer Redis => fixture.Redis!;

    [Fact]
    public async Task Subscribers_of_a_topic_share_one_subscription_which_ends_after_the_last_of_them()
    {
        var topic = Drafts.NewTopic("shared");
        for (var round = 0; round < 2; round++)
        {
            var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SseClient.OpenTopicsAsync(Http, topic)));
            Assert.Equal($"{topic}\n1", await Redis.CliAsync("PUBSUB", "NUMSUB", topic));
            await Http.PublishAsync(topic, "1");
            foreach (var client in clients)
            {
                Assert.Equal("1", (await client.NextAsync()).Data);
                await client.DisposeAsync();
            }

            await Eventually.TrueAsync(async () => await Redis.CliAsync("PUBSUB", "NUMSUB", topic) == $"{topic}\n0", "the topic is not subscribed any more");
        }
    }

    [Fact]
    public async Task However_many_the_clients_the_connections_to_redis_stay_the_same()
    {
        await Http.PublishAsync(Drafts.NewTopic(), "1");
        var before = await ConnectionsAsync();

        var clients = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SseClient.OpenTopicsAsync(Http, Drafts.NewTopic("many"))));
        await Http.PublishNumbersAsync(Drafts.NewTopic(), 1, 1000);

        Assert.Equal(before, await ConnectionsAsync());
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"type":"like","userId":1}""", """{"type":"like","userId":1}""")]
    [InlineData("no JSON: ünï 🎉", "no JSON: ünï 🎉")]
    [InlineData("x\n\nid: 9-9\nevent: gap\ndata: y\r\n\rz", "x\n\nid: 9-9\nevent: gap\ndata: y\n\nz")]
    [InlineData("", "")]
    [InlineData("\u0001", "\u0001")]
    [InlineData("\u0001no envelope\nx", "\u0001no envelope\nx")]
    [InlineData("\u00010-0 1 - \nx", "\u00010-0 1 - \nx")]
    [InlineData("\u0001abc-1 -1 - \nx", "\u0001abc-1 -1 - \nx")]
    public async Task A_plain_publish_arrives_as_it_is_without_an_id(string payload, string data)
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);
        var id = await Http.PublishAsync(topic, "1");

        Assert.Equal("1", await Redis.CliAsync("PUBLISH", topic, payload));
        await Http.PublishAsync(topic, "2");

        var items = await client.TakeAsync(3);
        Assert.Equal([("message", "1"), ("message", data), ("message", "2")], items.Select(item => (item.EventType, item.Data)));
        Assert.Equal(id, client.LastEventId[..id!.IndexOf('-', StringComparison.Ordinal)] + "-1");
        Assert.True(items[1].EventId is null || items[1].EventId == id, "A plain event has no id of its own.");
    }

    [Fact]
    public async Task A_user_gets_a_plain_publish_of_another_program()
    {
        var user = Drafts.NewTopic("user");
        await using var client = await SseClient.OpenAsync(Http, $"/api/notifications?userId={user}&types=like");

        await Redis.CliAsync("PUBLISH", $"notifications:{user}", """{"type":"comment"}""");
        await Redis.CliAsync("PUBLISH", $"notifications:{user}", """{"type":"like","userId":1}""");

        Assert.Equal("""{"type":"like","userId":1}""", (await client.NextAsync()).Data);
    }

    [Fact]
    public async Task A_live_message_that_was_lost_is_fetched_from_the_stream()
    {
        var topic = Drafts.NewTopic("lost");
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);
        var id = await Http.PublishAsync(topic, "1");

        await AppendSilentlyAsync(topic, id!, 2);

        Assert.Equal(["1", "2"], await client.TakeDataAsync(2));
    }

    [Fact]
    public async Task A_live_message_that_comes_before_a_lost_one_waits_for_it()
    {
        var topic = Drafts.NewTopic("early");
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);
        var id = await Http.PublishAsync(topic, "1");

        await AppendSilentlyAsync(topic, id!, 2);
        await Http.PublishAsync(topic, "3");

        Assert.Equal(["1", "2", "3"], await client.TakeDataAsync(3));
    }

    [Fact]
    public async Task A_live_message_that_comes_twice_is_delivered_once()
    {
        var topic = Drafts.NewTopic("twice");
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);
        var id = await Http.PublishAsync(topic, "1");

        await Redis.CliAsync("PUBLISH", topic, $"\u0001{id} 0 - \n1");
        await Http.PublishAsync(topic, "2");

        Assert.Equal(["1", "2"], await client.TakeDataAsync(2));
    }

    [Fact]
    public async Task A_stream_that_was_deleted_is_told_by_one_gap_and_goes_on()
    {
        var topic = Drafts.NewTopic("deleted");
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);
        var ids = await Http.PublishNumbersAsync(topic, 1, 3);
        await client.TakeAsync(3);

        await Redis.CliAsync("DEL", Head(topic), Stream(topic));
        var id = await Http.PublishAsync(topic, "4");

        var items = await client.TakeUntilAsync("4");
        var gap = Assert.Single(items, item => item.EventType == "gap");
        Assert.Contains($"\"from\":\"{ids[0].Split('-')[0]}-4\"", gap.Data, StringComparison.Ordinal);
        Assert.Equal(id, items[^1].EventId);
        Assert.NotEqual(ids[0].Split('-')[0], id!.Split('-')[0]);
        Assert.Equal(2, items.Count);
    }

    private static string Head(string topic) => "sse:head:{t=" + topic + "}";

    private static string Stream(string topic) => "sse:stream:{t=" + topic + "}";

    /// <summary>Appends an event as the publishing script does, whose live message nobody gets.</summary>
    private async Task AppendSilentlyAsync(string topic, string first, int offset)
    {
        var position = $"{first.Split('-')[0]}-{offset}";
        await Redis.CliAsync("XADD", Stream(topic), $"{offset}-0", "e", $"\u0001{position} 0 - \n{offset}");
        await Redis.CliAsync("SET", Head(topic), position);
    }

    private async Task<int> ConnectionsAsync() => (await Redis.CliAsync("CLIENT", "LIST")).Split('\n').Count(line => !line.Contains("cmd=client", StringComparison.Ordinal));
}

/// <summary>Topics are given up at once, and positions compared often.</summary>
public sealed class TopicsOnRedis() : ApiFixture(direct: true, withRedis: true, ("Sse__TopicLinger", "00:00:00"), ("Sse__Reconcile", "00:00:00.5"));
