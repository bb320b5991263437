using SseScaling.LoadTest.Options;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.LoadTest;

public sealed class FaultsTests
{
    private const int Clients = 4;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_correct_server_has_no_faults_and_every_event_is_counted(bool portable)
    {
        var report = await Runs.AgainstAsync(new Faults(), options => options with { Portable = portable });

        Assert.Equal("completed", report.Outcome);
        Assert.Equal(Clients, report.Connections.Established);
        Assert.InRange(report.Events.Published, 200, 400);
        Assert.Equal(report.Events.Published * Clients, report.Events.Delivered);
        Assert.Equal((0, 0, 0, 0, 0), Wrong(report));
        Assert.Equal(0, report.Connections.ClosedByServer);
        Assert.Equal(123_000_000, report.Server.PeakMemoryBytes);
        Assert.True(report.Tool.LatencyMs.Count > 0, "the tool measured itself");
    }

    [Fact]
    public async Task Losing_every_hundredth_event_is_counted_exactly()
    {
        var report = await Runs.AgainstAsync(new Faults { LoseEvery = 100 }, options => options with { Drain = TimeSpan.FromSeconds(1) });

        Assert.Equal(report.Events.Published / 100 * Clients, report.Events.Lost);
        Assert.Equal(report.Events.Published * Clients, report.Events.Delivered + report.Events.Lost);
        Assert.Equal((0, 0, 0), (report.Events.Repeated, report.Events.Misordered, report.Events.AnnouncedMissing));
    }

    [Fact]
    public async Task Repeating_every_tenth_event_is_counted_exactly()
    {
        var report = await Runs.AgainstAsync(new Faults { RepeatEvery = 10 });

        Assert.Equal(report.Events.Published / 10 * Clients, report.Events.Repeated);
        Assert.Equal(report.Events.Published * Clients, report.Events.Delivered);
        Assert.Equal((0, 0), (report.Events.Lost, report.Events.Misordered));
    }

    [Fact]
    public async Task Misordering_every_tenth_event_is_counted_exactly()
    {
        var report = await Runs.AgainstAsync(new Faults { SwapEvery = 10 }, options => options with { Drain = TimeSpan.FromSeconds(1) });

        // The last one of all has no successor: held back for good, it is lost instead.
        var held = report.Events.Published % 10 == 0 ? 1 : 0;
        Assert.Equal((report.Events.Published / 10 - held) * Clients, report.Events.Misordered);
        Assert.Equal(held * Clients, report.Events.Lost);
        Assert.Equal(0, report.Events.Repeated);
    }

    [Fact]
    public async Task An_event_at_the_wrong_client_is_misrouted_and_not_taken_for_its_own()
    {
        var report = await Runs.AgainstAsync(new Faults { MisrouteEvery = 5 }, options => options with { Topic = null, Connections = 2 });

        Assert.True(report.Events.Misrouted > 0);
        Assert.Equal(report.Events.Published, report.Events.Delivered);
        Assert.Equal((0, 0, 0), (report.Events.Lost, report.Events.Repeated, report.Events.Misordered));
    }

    [Fact]
    public async Task A_known_delay_is_what_the_percentiles_say()
    {
        var report = await Runs.AgainstAsync(new Faults { Delay = TimeSpan.FromMilliseconds(300) });

        Assert.InRange(report.LatencyMs.Min, 300, 450);
        Assert.InRange(report.LatencyMs.P50, 300, 450);
        Assert.Equal(0, report.Events.Lost);
    }

    [Fact]
    public async Task A_server_that_never_flushes_lost_everything_and_the_run_says_why()
    {
        var report = await Runs.AgainstAsync(new Faults { NeverFlush = true }, options => options with { Drain = TimeSpan.FromMilliseconds(200) });

        Assert.Equal("failed", report.Outcome);
        Assert.Contains("flush", report.Problem);
        Assert.Equal(report.Events.Published * Clients, report.Events.Lost);
        Assert.Equal(0, report.LatencyMs.Count);
    }

    [Fact]
    public async Task Refused_events_are_refused_and_not_lost()
    {
        var report = await Runs.AgainstAsync(new Faults { RefuseEvery = 3 });

        Assert.True(report.Events.Refused > 0);
        Assert.Equal(0, report.Events.Lost);
        Assert.Equal(report.Events.Published * Clients, report.Events.Delivered);
    }

    [Fact]
    public async Task A_run_that_does_not_publish_checks_the_events_of_another_one_and_neither_counts_them_twice()
    {
        await using var server = await FaultyServer.StartAsync(new Faults { LoseEvery = 50 }, TestContext.Current.CancellationToken);
        using var enough = new CancellationTokenSource();
        var listening = Runs.RunAsync(Runs.Short(server) with { Publish = PublishVia.None, WarmUp = TimeSpan.Zero, Duration = TimeSpan.FromMinutes(5) }, enough);
        await Eventually.TrueAsync(() => server.Open == Clients, "the listening run is connected");

        var publishing = await Runs.RunAsync(Runs.Short(server) with { Drain = TimeSpan.FromSeconds(1) });
        await enough.CancelAsync();
        var listened = await listening;

        Assert.Equal(publishing.Events.Delivered, listened.Events.Delivered);
        Assert.Equal(listened.Events.Delivered, listened.LatencyMs.Count);
        Assert.InRange(listened.Events.Lost, publishing.Events.Lost - Clients, publishing.Events.Lost);
        Assert.Equal((0, 0, 0), (listened.Events.Repeated, listened.Events.Misordered, listened.Events.Foreign));
        Assert.Equal(0, listened.Events.Published);
    }

    private static (long, long, long, long, long) Wrong(SseScaling.LoadTest.Report.RunReport report) => (
        report.Events.Lost, report.Events.Repeated, report.Events.Misordered, report.Events.Misrouted, report.Events.Refused);
}
