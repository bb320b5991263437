using System.Net.Http.Json;
using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Cluster;

/// <summary>The cluster's part of <c>/api/stats</c>.</summary>
public sealed class ClusterStatsTests : IAsyncLifetime
{
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task Every_replica_tells_the_figures_of_all()
    {
        await using var one = await ApiProcess.StartAsync(_redis);
        await using var two = await ApiProcess.StartAsync(_redis);
        await one.HealthyAsync();
        await two.HealthyAsync();
        await using var a = await SseClient.OpenTopicsAsync(one.Http, "a");
        await using var b = await SseClient.OpenTopicsAsync(two.Http, "a");
        await using var c = await SseClient.OpenTopicsAsync(two.Http, "a");
        await one.Http.PublishNumbersAsync("a", 1, 10);
        foreach (var client in new[] { a, b, c })
            await client.TakeAsync(10);

        await Eventually.TrueAsync(
            async () =>
            {
                var cluster = await ClusterAsync(one);
                return cluster.GetProperty("connections").GetInt32() == 3 && cluster.GetProperty("eventsOut").GetInt64() == 30
                    && cluster.GetProperty("latencyMs").GetProperty("count").GetInt64() == 30;
            },
            "three streams and 30 deliveries in two replicas");
        // The other one reads the reports in its own time.
        await Eventually.TrueAsync(
            async () => (await ClusterAsync(two)).GetProperty("replicas").EnumerateArray().Select(r => r.GetProperty("connections").GetInt32()).Order().SequenceEqual([1, 2]),
            "both replicas tell one stream and two");
    }

    [Fact]
    public async Task A_replica_that_stops_vanishes_and_so_does_one_that_is_killed()
    {
        await using var one = await ApiProcess.StartAsync(_redis);
        await using var stopped = await ApiProcess.StartAsync(_redis);
        await using var killed = await ApiProcess.StartAsync(_redis);
        await Eventually.TrueAsync(async () => await ReplicasAsync(one) == 3, "three replicas");

        await stopped.SignalAsync("TERM");
        await Eventually.TrueAsync(async () => await ReplicasAsync(one) == 2, "two replicas");
        await killed.SignalAsync("KILL");
        await Eventually.TrueAsync(async () => await ReplicasAsync(one) == 1, "one replica");
    }

    private static async Task<JsonElement> ClusterAsync(ApiProcess api) =>
        (await api.Http.GetFromJsonAsync<JsonElement>("/api/stats", TestContext.Current.CancellationToken)).GetProperty("cluster");

    private static async Task<int> ReplicasAsync(ApiProcess api) => (await ClusterAsync(api)).GetProperty("replicas").GetArrayLength();
}
