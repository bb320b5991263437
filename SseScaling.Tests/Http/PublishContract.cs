using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Http;

/// <summary>What publishing promises, whatever carries the events.</summary>
public abstract class PublishContract(ApiFixture fixture)
{
    private HttpClient Http => fixture.Http;

    [Fact]
    public async Task One_event_is_answered_with_its_topic_and_id()
    {
        var topic = Drafts.NewTopic();

        using var response = await Http.PostPublishAsync($"{{\"topic\":\"{topic}\",\"data\":{{}}}}");

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var one = Assert.Single(answer.RootElement.EnumerateArray());
        Assert.Equal(topic, one.GetProperty("topic").GetString());
        Assert.Matches("^[1-9a-f][0-9a-f]*-1$", one.GetProperty("id").GetString());
        Assert.Equal(["topic", "id"], one.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task An_array_is_answered_in_order_with_positions_that_count_for_each_topic()
    {
        var (a, b) = (Drafts.NewTopic("a"), Drafts.NewTopic("b"));

        var ids = await Http.PublishBodyAsync($$"""
            [{"topic":"{{a}}","data":1},{"topic":"{{b}}","data":2},{"topic":"{{a}}","data":3,"durable":false},{"topic":"{{a}}","data":4,"durable":true}]
            """);

        Assert.Equal(["1", "1", null, "2"], ids.Select(id => id?.Split('-')[1]));
    }

    [Fact]
    public async Task A_repeated_key_publishes_nothing_and_answers_with_the_first_id()
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);

        var first = await Http.PublishAsync(topic, "1", ",\"key\":\"k\"");
        var second = await Http.PublishAsync(topic, "2", ",\"key\":\"k\"");
        var elsewhere = await Http.PublishAsync(Drafts.NewTopic(), "3", ",\"key\":\"k\"");
        await Http.PublishAsync(topic, "4", ",\"key\":null");

        Assert.Equal(first, second);
        Assert.NotEqual(first, elsewhere);
        Assert.Equal(["1", "4"], await client.TakeDataAsync(2));
    }

    [Fact]
    public async Task The_order_of_the_fields_and_escapes_in_their_names_do_not_matter()
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);

        await Http.PublishBodyAsync($$"""{"durable":false,"data": {"a" : [1, 2]} ,"\u0065vent":"e","topic":"{{topic}}"}""");

        var item = await client.NextAsync();
        Assert.Equal(("e", "{\"a\" : [1, 2]}"), (item.EventType, item.Data));
    }

    [Fact]
    public async Task A_body_of_exactly_the_limit_is_published()
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenTopicsAsync(Http, topic);
        var frame = $"{{\"topic\":\"{topic}\",\"data\":\"\"}}";
        var data = ApiCalls.Quote(new string('x', (64 << 10) - frame.Length));

        await Http.PublishAsync(topic, data);

        Assert.Equal(data, (await client.NextAsync()).Data);
    }
}

public sealed class InMemoryPublishTests(DirectInMemory api) : PublishContract(api), IClassFixture<DirectInMemory>;

public sealed class RedisPublishTests(DirectOnRedis api) : PublishContract(api), IClassFixture<DirectOnRedis>;
