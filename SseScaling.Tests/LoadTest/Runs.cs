using SseScaling.LoadTest;
using SseScaling.LoadTest.Options;
using SseScaling.LoadTest.Report;
using SseScaling.LoadTest.Terminal;
using Xunit;

namespace SseScaling.Tests.LoadTest;

/// <summary>Short runs of the load test against a server in this process.</summary>
internal static class Runs
{
    /// <summary>A second of 200 events/s on one topic to four clients.</summary>
    public static RunOptions Short(FaultyServer server) => new()
    {
        Urls = [server.Url],
        Connections = 4,
        Ramp = 1000,
        Topic = "load:test",
        Rate = 200,
        WarmUp = TimeSpan.FromMilliseconds(200),
        Duration = TimeSpan.FromSeconds(1),
        Drain = TimeSpan.FromSeconds(10),
    };

    /// <summary>Runs it, until the test or <paramref name="interrupt"/> ends it.</summary>
    public static async Task<RunReport> RunAsync(RunOptions options, CancellationTokenSource? interrupt = null)
    {
        await using var run = new LoadRun(options, new NoView());
        return await run.ExecuteAsync(interrupt?.Token ?? TestContext.Current.CancellationToken);
    }

    /// <summary>Starts a server with these faults and runs against it; drains shortly where faults keep events away for good.</summary>
    public static async Task<RunReport> AgainstAsync(Faults faults, Func<RunOptions, RunOptions>? change = null)
    {
        await using var server = await FaultyServer.StartAsync(faults, TestContext.Current.CancellationToken);
        var options = Short(server);
        return await RunAsync(change is null ? options : change(options));
    }

    private sealed class NoView : IRunView
    {
        public void Show(RunState state)
        {
        }
    }
}
