using SseScaling.Protocol;
using SseScaling.Redis;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Faults;

/// <summary>Redis after a failover that lost the last events, or without its data.</summary>
public sealed class OlderDataTests
{
    [Fact]
    public async Task A_stream_that_went_back_is_told_and_its_positions_count_anew()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var api = await StartAsync(redis);
        await using var client = await SseClient.OpenTopicsAsync(api.Http, "news");
        await api.Http.PublishNumbersAsync("news", 1, 7);
        await CopyAsync(redis, "", ":kept");
        var ids = await api.Http.PublishNumbersAsync("news", 8, 3);
        Assert.Equal(ApiCalls.Numbers(1, 10), await client.TakeDataAsync(10));

        await CopyAsync(redis, ":kept", "");
        var gap = await client.NextAsync();
        Assert.Equal("gap", gap.EventType);
        Assert.Equal($$"""{"topic":"news","from":null,"to":"{{Before(ids[0])}}"}""", gap.Data);

        Assert.Equal(ids, await api.Http.PublishNumbersAsync("news", 11, 3));
        Assert.Equal(ApiCalls.Numbers(11, 3), await client.TakeDataAsync(3));
    }

    [Fact]
    public async Task A_Redis_that_comes_back_empty_is_told_to_connected_and_to_returning_clients()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var api = await StartAsync(redis);
        await using var connected = await SseClient.OpenTopicsAsync(api.Http, "news");
        var ids = await api.Http.PublishNumbersAsync("news", 1, 3);
        await connected.TakeDataAsync(3);

        await redis.KillAsync();
        await redis.StartAsync();
        var next = Next(ids[2]);
        Assert.Equal($$"""{"topic":"news","from":"{{next}}","to":null}""", (await connected.NextAsync()).Data);
        await api.HealthyAsync();
        await api.Http.PublishNumbersAsync("news", 4, 1);
        Assert.Equal(["4"], await connected.TakeDataAsync(1));

        await using var returning = await SseClient.OpenAsync(api.Http, SseClient.Target("news"), ids[2]);
        Assert.Equal($$"""{"topic":"news","from":"{{next}}","to":null}""", (await returning.NextAsync()).Data);
        Assert.Equal(["4"], await returning.TakeDataAsync(1));
    }

    private static async Task<ApiProcess> StartAsync(RedisServer redis)
    {
        var api = await ApiProcess.StartAsync(redis, ("Sse__Reconcile", "00:00:00.200"));
        await api.HealthyAsync();
        return api;
    }

    private static async Task CopyAsync(RedisServer redis, string from, string to)
    {
        foreach (string key in new[] { RedisKeys.Head("news").ToString(), RedisKeys.Stream("news").ToString() })
            Assert.Equal("1", await redis.CliAsync("COPY", key + from, key + to, "REPLACE"));
    }

    private static EventPosition Before(string id) => EventPosition.TryParse(id, out var position) ? position with { Offset = position.Offset - 1 } : default;

    private static EventPosition Next(string id) => EventPosition.TryParse(id, out var position) ? position.Next : default;
}
