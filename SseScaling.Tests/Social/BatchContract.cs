using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>What a batch window promises, whatever carries the events.</summary>
/// <param name="http">Where events are published.</param>
/// <param name="listening">Where clients listen; another replica where there is one.</param>
public abstract class BatchContract(HttpClient http, HttpClient listening)
{
    private HttpClient Http => http;

    private HttpClient Listening => listening;

    [Fact]
    public async Task What_arrives_within_the_window_is_one_event_with_the_last_ones_id()
    {
        var user = SocialCalls.NewUser();
        await using var client = await Listening.OpenUserAsync(user, "&batch=500");

        string One(string data) => $"{{\"topic\":\"notifications:{user}\",\"data\":{data}}}";
        var ids = await Http.PublishBodyAsync($"[{One("{\"n\":1}")},{One("{\n \"n\":\r\n2}")},{One("\"three\"")}]");

        var batch = await client.NextAsync();
        Assert.Equal("{\"batch\":[{\"n\":1},{  \"n\":  2},\"three\"]}", batch.Data);
        Assert.Equal(ids[2], client.LastEventId);
    }

    [Fact]
    public async Task Resuming_behind_a_batch_or_before_one_that_never_came_loses_and_repeats_nothing()
    {
        var user = SocialCalls.NewUser();
        string lastId;
        await using (var client = await Listening.OpenUserAsync(user, "&batch=200"))
        {
            await Http.PublishNumbersAsync("notifications:" + user, 1, 5);
            var seen = new List<int>();
            while (seen.Count < 5)
                seen.AddRange(Numbers((await client.NextAsync()).Data));
            Assert.Equal(Enumerable.Range(1, 5), seen);
            lastId = client.LastEventId;
        }

        await using (var dropped = await Listening.OpenUserAsync(user, "&batch=10000", lastId))
        {
            await Http.PublishNumbersAsync("notifications:" + user, 6, 5);
            Assert.Equal(0, dropped.Waiting);
            Assert.Equal(lastId, dropped.LastEventId);
        }

        await using var resumed = await Listening.OpenUserAsync(user, "&batch=100", lastId);
        var rest = new List<int>();
        while (rest.Count < 5)
            rest.AddRange(Numbers((await resumed.NextAsync()).Data));
        Assert.Equal(Enumerable.Range(6, 5), rest);
    }

    [Fact]
    public async Task Of_events_with_one_collapse_key_only_the_latest_is_in_the_batch()
    {
        var user = SocialCalls.NewUser();
        await using var batched = await Listening.OpenUserAsync(user, "&batch=500");
        await using var plain = await Listening.OpenUserAsync(user);

        string One(int n, string more) => $$"""{"topic":"notifications:{{user}}","data":{{n}}{{more}}}""";
        const string Unread = ",\"collapse\":\"unread-count\"";
        await Http.PublishBodyAsync($"[{One(1, Unread)},{One(2, "")},{One(3, Unread)},{One(4, ",\"collapse\":\"other\"")},{One(5, Unread)}]");

        var batch = await batched.NextAsync();
        Assert.Equal([2, 4, 5], Numbers(batch.Data));
        Assert.Equal(["1", "2", "3", "4", "5"], await plain.TakeDataAsync(5));
    }

    [Fact]
    public async Task Named_events_are_batched_under_their_name_and_the_order_stays()
    {
        var user = SocialCalls.NewUser();
        await using var client = await Listening.OpenUserAsync(user, "&batch=300");

        string One(int n, string more) => $$"""{"topic":"notifications:{{user}}","data":{{n}}{{more}}}""";
        await Http.PublishBodyAsync($"[{One(1, "")},{One(2, "")},{One(3, ",\"event\":\"alert\"")},{One(4, ",\"event\":\"alert\"")},{One(5, "")}]");

        var batches = await client.TakeAsync(3);
        Assert.Equal(["message", "alert", "message"], batches.Select(batch => batch.EventType));
        Assert.Equal([1, 2, 3, 4, 5], batches.SelectMany(batch => Numbers(batch.Data)));
    }

    [Fact]
    public async Task Only_wanted_types_are_in_the_batch_and_a_full_window_does_not_wait()
    {
        var user = SocialCalls.NewUser();
        await using var client = await Listening.OpenUserAsync(user, "&batch=10000&types=like");
        var filler = new string('x', 30_000);

        for (var n = 0; n < 3; n++)
        {
            await Http.NotifyAsync(user, $$"""{"type":"other"}""");
            await Http.NotifyAsync(user, $$"""{"type":"like","x":"{{filler}}"}""");
        }

        using var json = JsonDocument.Parse((await client.NextAsync()).Data);
        Assert.Equal(["like", "like", "like"], Items(json).Select(one => one.GetProperty("type").GetString()));
    }

    private static JsonElement.ArrayEnumerator Items(JsonDocument json) => json.RootElement.GetProperty("batch").EnumerateArray();

    private static int[] Numbers(string data)
    {
        using var json = JsonDocument.Parse(data);
        return [.. Items(json).Select(one => one.GetInt32())];
    }
}

public sealed class BatchInMemoryTests(DirectInMemory api) : BatchContract(api.Http, api.Http), IClassFixture<DirectInMemory>;

public sealed class BatchOnRedisTests(OrdinaryOnRedis api) : BatchContract(api.Http, api.Http), IClassFixture<OrdinaryOnRedis>;

public sealed class BatchOnReplicasTests(TwoReplicas replicas) : BatchContract(replicas.One.Http, replicas.Other.Http), IClassFixture<TwoReplicas>;
