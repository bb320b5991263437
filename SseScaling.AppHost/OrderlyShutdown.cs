using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SseScaling.AppHost;

/// <summary>
/// Stops the projects before everything else. Aspire stops all resources at once, and Redis is gone long before the replicas have told their
/// clients where to go on: the publisher's last events, and what else is on its way, would meet no Redis. A second Ctrl+C does not wait.
/// </summary>
internal sealed partial class OrderlyShutdown(ResourceStates resources, ResourceCommandService commands, ILogger<OrderlyShutdown> log)
    : IHostedLifecycleService, IDisposable
{
    // 128 + SIGINT, as shells have it.
    private const int Interrupted = 130;

    // A replica drains for 4 s, and Aspire's orchestrator kills a process that has not ended 6 s after its SIGTERM.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private PosixSignalRegistration? _interrupts;
    private int _interruptCount;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // The host itself takes the first one as the order to stop, and ignores the others. A SIGTERM can come twice without anybody's
        // impatience: `dotnet run` passes on the one that its process group got as well.
        _interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any service of the host is stopped, Aspire's own included. The stop command answers when the process has ended.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var running = resources.RunningProjects;
        if (running.Count == 0)
            return;
        LogStopping(running.Count);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        await Task.WhenAll(running.Select(id => commands.ExecuteCommandAsync(id, KnownResourceCommands.StopCommand, deadline.Token)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _interrupts?.Dispose();

    private void OnInterrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _interruptCount) < 2)
            return;
        LogLeaving();
        Environment.Exit(Interrupted);
    }

    [LoggerMessage(1, LogLevel.Information, "Stopping {Count} processes, then Redis. Another Ctrl+C does not wait for them")]
    private partial void LogStopping(int count);

    [LoggerMessage(2, LogLevel.Warning, "Left without waiting: Aspire's orchestrator ends what still runs, in some seconds")]
    private partial void LogLeaving();
}
