using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SseScaling.AppHost;

/// <summary>
/// The state of every instance, from before the first one starts, and a line in the terminal for one that could not be started or has ended by
/// itself: Aspire says that on its dashboard only.
/// </summary>
internal sealed partial class ResourceStates(ResourceNotificationService notifications, ILogger<ResourceStates> log) : IHostedLifecycleService, IDisposable
{
    // Ended as it should, or by the signals with which it is stopped: 128 + SIGINT, 128 + SIGTERM.
    private static readonly int?[] Orderly = [null, 0, 130, 143];

    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopped = new();
    private Task _watching = Task.CompletedTask;

    /// <summary>The ids of the projects' instances that run.</summary>
    public IReadOnlyList<string> RunningProjects =>
        [.. _seen.Where(entry => entry.Value is { IsProject: true, State: var state } && state == KnownResourceStates.Running).Select(entry => entry.Key)];

    /// <summary>Before any service of the host is started: Aspire's own is not through with it until everything runs.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _watching = WatchAsync();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopped.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopped.Dispose();

    private async Task WatchAsync()
    {
        await foreach (var change in notifications.WatchAsync(_stopped.Token))
        {
            // The exit code may be known later than the end.
            var seen = new Seen(change.Snapshot.State?.Text, change.Snapshot.ExitCode, change.Resource is ProjectResource);
            if (_seen.TryGetValue(change.ResourceId, out var before) && before == seen)
                continue;
            _seen[change.ResourceId] = seen;
            if (seen.State == KnownResourceStates.FailedToStart || seen.State == KnownResourceStates.RuntimeUnhealthy)
                LogNotStarted(change.ResourceId, seen.State);
            else if (KnownResourceStates.TerminalStates.Contains(seen.State) && !Orderly.Contains(seen.ExitCode))
                LogEnded(change.ResourceId, seen.ExitCode);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Resource} could not be started ({State}): its console on the dashboard says why")]
    private partial void LogNotStarted(string resource, string state);

    [LoggerMessage(2, LogLevel.Error, "{Resource} has ended with exit code {ExitCode}: its console on the dashboard says why")]
    private partial void LogEnded(string resource, int? exitCode);

    private sealed record Seen(string? State, int? ExitCode, bool IsProject);
}
