using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace SseScaling.ServiceDefaults.Telemetry;

/// <summary>
/// Sends what is left when everything else has stopped, all signals at the same time, so that a collector that hangs delays the end by no more than
/// <see cref="Limit"/>. Left alone, the container disposes the providers one after the other, and each waits for up to 5 s.
/// </summary>
internal sealed class TelemetryShutdown(MeterProvider metrics, TracerProvider traces, LoggerProvider logs) : IHostedLifecycleService, IDisposable
{
    /// <summary>With half a second for the rest of the process, it ends within the 2 s that docs/observability.md promises.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1.5);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends when all is sent, at the limit, or when the host's own time for its stop is over.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken) =>
        await ShutdownAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>After a start that failed nothing else was called; otherwise the providers are shut down already, and this returns at once.</summary>
    public void Dispose() => ShutdownAsync().Wait(Limit);

    private Task ShutdownAsync()
    {
        var limit = (int)Limit.TotalMilliseconds;
        return Task.WhenAll(
            BlockingAsync(() => metrics.Shutdown(limit)), BlockingAsync(() => traces.Shutdown(limit)), BlockingAsync(() => logs.Shutdown(limit)));
    }

    // A thread of its own for each: the pool may have fewer than three to block.
    private static Task BlockingAsync(Action shutdown) =>
        Task.Factory.StartNew(shutdown, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
