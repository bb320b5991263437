using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Faults;

[Collection(Alone.Name)]
public sealed class FaultRunTests
{
    [Fact]
    public async Task Nothing_is_lost_repeated_or_reordered_through_any_single_fault()
    {
        var verdict = await FaultRun.RunAsync(new FaultPlan(Clients: 300, Replicas: 3, Topics: 50, PerSecond: 200, Pace: 1), Settings("true"));
        Figures.Print(verdict.Table("300 clients, 3 replicas, 50 topics, streams on their sockets"));
        AssertExact(verdict);
        Assert.Equal(0, verdict.Total.Told);
    }

    [Fact]
    public async Task Nothing_is_lost_repeated_or_reordered_on_ordinary_responses_either()
    {
        var verdict = await FaultRun.RunAsync(new FaultPlan(Clients: 90, Replicas: 2, Topics: 20, PerSecond: 100, Pace: .5), Settings("false"));
        Figures.Print(verdict.Table("90 clients, 2 replicas, 20 topics, ordinary responses"));
        AssertExact(verdict);
        Assert.Equal(0, verdict.Total.Told);
    }

    [Fact]
    public async Task With_history_too_short_every_hole_is_told_once_and_exactly()
    {
        var plan = new FaultPlan(Clients: 90, Replicas: 2, Topics: 20, PerSecond: 100, Pace: .5) { Away = TimeSpan.FromSeconds(2) };
        var verdict = await FaultRun.RunAsync(plan, [.. Settings("true"), ("Sse__History__Length", "3")]);
        Figures.Print(verdict.Table("90 clients, 2 replicas, 20 topics, a history of 3 events, sockets that left the web server"));
        AssertExact(verdict);
        Assert.True(verdict.Total.Told > 0, "History was long enough: the run has shown nothing.");
        Figures.Print([$"{verdict.Gaps} gaps, {verdict.WrongGaps} of them not exactly behind what the client had"]);
    }

    private static void AssertExact(Verdict verdict)
    {
        Assert.True(verdict.Total.Expected > 0);
        Assert.Equal(0, verdict.Total.Lost);
        Assert.Equal(0, verdict.Total.Twice);
        Assert.Equal(0, verdict.Total.OutOfOrder);
        Assert.Equal(0, verdict.WrongGaps);
    }

    // A log line per client and event would only slow the run down; a short reconnect delay keeps it short.
    private static (string, string)[] Settings(string direct) =>
        [("Sse__DirectSockets", direct), ("Sse__Retry", "00:00:00.300"), ("Logging__LogLevel__SseScaling", "Warning")];
}
