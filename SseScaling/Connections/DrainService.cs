namespace SseScaling.Connections;

/// <summary>
/// Drains the replica when the host begins to stop. The web server stops only afterwards, so that during the drain /health and new
/// streams are answered with 503 rather than refused.
/// </summary>
internal sealed class DrainService(ConnectionRegistry connections) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => connections.DrainAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
