using System.Collections.Immutable;
using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LocalAspire;

/// <summary>
/// Runs the health checks of one resource while one of its instances runs: every 30 s when healthy, else after 1, 2 … 5 s, and at once
/// when an instance has started.
/// </summary>
internal sealed class HealthMonitor(IResource resource, HealthCheckService checks, ResourceNotificationService notifications)
{
    private static readonly TimeSpan HealthyInterval = TimeSpan.FromSeconds(30);
    private const int LongestRetrySeconds = 5;

    private readonly HashSet<string> _keys = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key)];
    private readonly Channel<bool> _nudges = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The reports of an instance of which nothing is known yet.</summary>
    public ImmutableArray<HealthReportSnapshot> Unknown => [.. _keys.Select(key => new HealthReportSnapshot(key, null, null, null))];

    /// <summary>Asks for a check now: an instance has started.</summary>
    public void Nudge() => _nudges.Writer.TryWrite(true);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (await _nudges.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_nudges.Reader.TryRead(out _))
                failures = 0;
            while (IsRunning())
            {
                failures = await CheckAsync(cancellationToken) == HealthStatus.Healthy ? 0 : failures + 1;
                await PauseAsync(failures == 0 ? HealthyInterval : TimeSpan.FromSeconds(Math.Min(failures, LongestRetrySeconds)), cancellationToken);
            }
        }
    }

    private bool IsRunning() => resource.GetInstanceIds().Any(id =>
        notifications.TryGetCurrentState(id, out var instance) && instance.Snapshot.State?.Text == KnownResourceStates.Running);

    private async Task<HealthStatus> CheckAsync(CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(registration => _keys.Contains(registration.Name), cancellationToken);
        var time = TimeProvider.System.GetUtcNow().UtcDateTime;
        ImmutableArray<HealthReportSnapshot> reports = [.. report.Entries.Select(entry => new HealthReportSnapshot(
            entry.Key, entry.Value.Status, entry.Value.Description, entry.Value.Exception?.ToString()) { LastRunAt = time })];
        await notifications.PublishUpdateAsync(
            resource, snapshot => snapshot.State?.Text == KnownResourceStates.Running ? snapshot with { HealthReports = reports } : snapshot);
        return report.Status;
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(pause);
        try
        {
            await _nudges.Reader.ReadAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The pause has passed without a nudge.
            return;
        }
    }
}
