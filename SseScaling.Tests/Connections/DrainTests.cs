using System.Diagnostics;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Connections;

/// <summary>What a stop looks like from outside, on both ways.</summary>
public sealed class DrainTests
{
    private const int Clients = 40;

    // Aspire kills a process 6 s after it asked it to stop.
    private static readonly TimeSpan KilledAfter = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData("true", 1)]
    [InlineData("false", 2)]
    public async Task A_stop_spreads_the_ends_of_the_streams_refuses_new_ones_and_is_over_in_time(string direct, int signals)
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__DirectSockets", direct));
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SseClient.OpenTopicsAsync(api.Http, "a")));
        await using var stalled = await StalledAsync(api);

        var stopping = Stopwatch.StartNew();
        for (var i = 0; i < signals; i++)
            await api.SignalAsync("TERM");
        var ends = clients.Select(client => EndAsync(client, stopping)).ToList();
        await RefusesAsync(api);

        Assert.Equal(0, await api.ExitAsync(KilledAfter - stopping.Elapsed));
        var ended = await Task.WhenAll(ends);
        Assert.True(ended.Max() - ended.Min() > TimeSpan.FromSeconds(2), $"The streams ended between {ended.Min()} and {ended.Max()}.");
        Assert.All(clients, client => Assert.InRange(client.Retry.TotalSeconds, 2, 6));
        Assert.True(clients.Select(client => client.Retry).Distinct().Count() > Clients / 2);
        Assert.True(api.Count(": drain") >= Clients);
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task A_long_drain_window_is_honoured_to_its_end()
    {
        // More than the 5 s that the host gives every service of the solution to stop.
        await using var api = await ApiProcess.StartAsync(null, ("Sse__DrainWindow", "00:00:07"));
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SseClient.OpenTopicsAsync(api.Http, "a")));

        var stopping = Stopwatch.StartNew();
        await api.SignalAsync("TERM");

        var ended = await Task.WhenAll(clients.Select(client => EndAsync(client, stopping)));
        Assert.Equal(0, await api.ExitAsync(Eventually.Deadline));
        Assert.True(ended.Max() > TimeSpan.FromSeconds(6), $"The last stream ended after {ended.Max()}.");
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task A_replica_without_clients_stops_at_once()
    {
        await using var api = await ApiProcess.StartAsync();

        await api.SignalAsync("TERM");

        Assert.Equal(0, await api.ExitAsync(KilledAfter));
    }

    [Fact]
    public async Task Events_that_are_published_during_the_drain_reach_the_clients_that_are_still_there()
    {
        await using var api = await ApiProcess.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SseClient.OpenTopicsAsync(api.Http, "a")));

        await api.SignalAsync("TERM");
        await api.LoggedAsync("Draining");
        await api.Http.PublishAsync("a", "1");
        await Task.WhenAll(clients.Select(client => client.Ended));

        // The first ones were gone before; everybody who was not has it.
        Assert.InRange(clients.Count(client => client.Waiting == 1), 1, Clients);
        Assert.Equal(clients.Length, clients.Count(client => client.Waiting <= 1));
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    private static async Task<TimeSpan> EndAsync(SseClient client, Stopwatch clock)
    {
        await client.Ended;
        return clock.Elapsed;
    }

    private static async Task RefusesAsync(ApiProcess api)
    {
        await Eventually.TrueAsync(async () =>
        {
            using var health = await api.Http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
            return (int)health.StatusCode == 503;
        }, "/health says 503", KilledAfter);
        using var refused = await api.Http.GetAsync(new Uri("/api/stream?topic=a", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("stopping", await refused.DetailAsync(503), StringComparison.Ordinal);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        using var alive = await api.Http.GetAsync(new Uri("/alive", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)alive.StatusCode);
    }

    /// <summary>A client that takes nothing, and for which something waits.</summary>
    private static async Task<RawConnection> StalledAsync(ApiProcess api)
    {
        var topic = Drafts.NewTopic("stalled");
        var connection = await RawConnection.GetAsync(api.Port, SseClient.Target(topic));
        await connection.ReadUntilAsync(": connected");
        await SlowConsumers.PublishUntilQueuedAsync(api, topic);
        return connection;
    }
}
