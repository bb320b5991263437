using SseScaling.Api.Telemetry;

namespace SseScaling.Api.Cluster;

/// <summary>
/// Who is in the cluster, and each one's figures: every replica writes its own every two seconds and reads the others'. One that has not
/// written for six seconds is gone.
/// </summary>
internal sealed class ReplicaDirectory(IReplicaReports reports, ReplicaFigures figures, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(6);

    private volatile IReadOnlyList<ReplicaReport> _live = [figures.Report()];

    /// <summary>The replicas that are alive, this one included, ordered by name. At most two seconds old.</summary>
    public IReadOnlyList<ReplicaReport> Live => _live;

    /// <summary>The live replicas with this one's figures of now.</summary>
    public IReadOnlyList<ReplicaReport> Now()
    {
        var own = figures.Report();
        return [.. _live.Where(r => r.Instance != own.Instance).Append(own).OrderBy(r => r.Instance, StringComparer.Ordinal)];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await ExchangeAsync();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            await reports.RemoveAsync(figures.Instance);
        }
    }

    private async Task ExchangeAsync()
    {
        var own = figures.Report();
        var all = await reports.ExchangeAsync(own);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var fresh = all.Where(r => r.Instance == own.Instance || now - r.AtMs < Freshness.TotalMilliseconds);
        _live = [.. fresh.OrderBy(r => r.Instance, StringComparer.Ordinal)];
    }
}

/// <summary>Where replicas leave their figures for each other.</summary>
internal interface IReplicaReports
{
    /// <summary>Leaves one's own report and returns all; only one's own when the others cannot be reached.</summary>
    Task<IReadOnlyList<ReplicaReport>> ExchangeAsync(ReplicaReport own);

    /// <summary>Takes a report away; for a replica that stops.</summary>
    Task RemoveAsync(string instance);
}

/// <summary>One process knows only itself.</summary>
internal sealed class NoOtherReplicas : IReplicaReports
{
    public Task<IReadOnlyList<ReplicaReport>> ExchangeAsync(ReplicaReport own) => Task.FromResult<IReadOnlyList<ReplicaReport>>([own]);

    public Task RemoveAsync(string instance) => Task.CompletedTask;
}
