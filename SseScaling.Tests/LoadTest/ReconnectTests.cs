using SseScaling.LoadTest.Options;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.LoadTest;

public sealed class ReconnectTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clients_that_drop_come_back_with_their_last_id_and_miss_nothing(bool portable)
    {
        await using var server = await FaultyServer.StartAsync(new Faults(), TestContext.Current.CancellationToken);

        var report = await Runs.RunAsync(Dropping(server) with { Portable = portable });

        Assert.True(report.Connections.Dropped > 0);
        Assert.Equal(report.Connections.Dropped, report.Connections.Reconnects);
        Assert.Equal(report.Connections.Reconnects, server.ResumedFrom.Count);
        Assert.Equal((0, 0, 0), (report.Events.Lost, report.Events.Repeated, report.Events.Misordered));
        Assert.Equal(report.Events.Published * 4, report.Events.Delivered);
        Assert.True(report.Connections.CatchUpMs.Count > 0, "what was missed while away is timed apart from live latency");
        Assert.Equal(0, report.Connections.ClosedByServer);
    }

    [Fact]
    public async Task A_server_without_history_loses_what_was_published_meanwhile()
    {
        await using var server = await FaultyServer.StartAsync(new Faults { ForgetHistory = true }, TestContext.Current.CancellationToken);

        var report = await Runs.RunAsync(Dropping(server) with { Drain = TimeSpan.FromSeconds(1) });

        Assert.True(report.Events.Lost > 0);
        Assert.Equal(report.Events.Published * 4, report.Events.Delivered + report.Events.Lost);
        Assert.Equal(0, report.Events.GapEvents);
    }

    [Fact]
    public async Task What_a_gap_event_announces_is_missing_but_not_silently_lost()
    {
        await using var server = await FaultyServer.StartAsync(new Faults { AnnounceGap = true }, TestContext.Current.CancellationToken);

        var report = await Runs.RunAsync(Dropping(server) with { Drain = TimeSpan.FromSeconds(1) });

        Assert.Equal(report.Connections.Reconnects, report.Events.GapEvents);
        Assert.True(report.Events.AnnouncedMissing > 0);
        Assert.Equal(0, report.Events.Lost);
        Assert.Equal(report.Events.Published * 4, report.Events.Delivered + report.Events.AnnouncedMissing);
    }

    [Fact]
    public async Task After_a_storm_everyone_is_back_and_has_everything()
    {
        await using var server = await FaultyServer.StartAsync(new Faults(), TestContext.Current.CancellationToken);

        var report = await Runs.RunAsync(Runs.Short(server) with { Connections = 200, Storm = true, Rate = 50 });

        Assert.Equal(200, report.Connections.Dropped);
        Assert.Equal(200, report.Connections.Reconnects);
        Assert.NotNull(report.Connections.StormMs);
        Assert.Equal(0, report.Events.Lost);
        Assert.Equal(report.Events.Published * 200, report.Events.Delivered);
    }

    [Fact]
    public async Task A_restarted_server_is_found_again_and_its_missing_history_counted()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var first = await FaultyServer.StartAsync(new Faults(), cancellation);
        var options = Runs.Short(first) with { Duration = TimeSpan.FromSeconds(5), Rate = 20, Drain = TimeSpan.FromSeconds(3) };
        var running = Runs.RunAsync(options);
        await UnderWayAsync(first);
        await first.DisposeAsync();
        await using var second = await FaultyServer.StartAsync(new Faults(), cancellation, first.Url.Port);

        var report = await running;

        Assert.Equal("completed", report.Outcome);
        Assert.Equal(4, report.Connections.ClosedByServer);
        Assert.Equal(4, report.Connections.AtEnd);
    }

    [Fact]
    public async Task A_server_that_dies_for_good_ends_the_run_with_a_reason_and_a_report()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var server = await FaultyServer.StartAsync(new Faults(), cancellation);
        var options = Runs.Short(server) with { Duration = TimeSpan.FromMinutes(5), GiveUp = TimeSpan.FromMilliseconds(500) };
        var running = Runs.RunAsync(options);
        await UnderWayAsync(server);
        await server.DisposeAsync();

        var report = await running.WaitAsync(TimeSpan.FromSeconds(20), cancellation);

        Assert.Equal("failed", report.Outcome);
        Assert.Contains("No client has been connected", report.Problem);
        Assert.Equal(4, report.Connections.ClosedByServer);
        Assert.Equal(0, report.Connections.AtEnd);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Slow_clients_never_read_and_are_left_out_of_the_figures(bool portable)
    {
        await using var server = await FaultyServer.StartAsync(new Faults(), TestContext.Current.CancellationToken);

        var report = await Runs.RunAsync(Runs.Short(server) with { Connections = 10, Slow = 0.2, Portable = portable });

        Assert.Equal(2, report.Settings.SlowClients);
        Assert.Equal(10, report.Connections.Established);
        Assert.Equal(report.Events.Published * 8, report.Events.Delivered);
        Assert.Equal(0, report.Events.Lost);
    }

    [Fact]
    public async Task Interrupting_a_run_reports_what_was_measured_until_then()
    {
        await using var server = await FaultyServer.StartAsync(new Faults(), TestContext.Current.CancellationToken);
        using var interrupt = new CancellationTokenSource();
        var running = Runs.RunAsync(Runs.Short(server) with { Duration = TimeSpan.FromMinutes(5) }, interrupt);
        await Eventually.TrueAsync(() => server.Open == 4, "four streams are open");
        await interrupt.CancelAsync();

        var report = await running.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal("interrupted", report.Outcome);
        Assert.Null(report.Problem);
        Assert.Equal(0, report.Events.Lost);
    }

    // A run whose warm-up could publish nothing ends there, and rightly so.
    private static async Task UnderWayAsync(FaultyServer server)
    {
        await Eventually.TrueAsync(() => server.Open == 4, "four streams are open");
        await Eventually.TrueAsync(() => server.PublishRequests > 1, "an event is published");
    }

    private static RunOptions Dropping(FaultyServer server) => Runs.Short(server) with
    {
        Drop = 0.5,
        DropEvery = TimeSpan.FromMilliseconds(400),
        DropPause = TimeSpan.FromMilliseconds(100),
    };
}
