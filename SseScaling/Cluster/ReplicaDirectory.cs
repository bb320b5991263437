using SseScaling.Hosting;

namespace SseScaling.Cluster;

/// <summary>
/// Who is in the cluster, and each one's figures: every replica writes its own every two seconds and reads the others'. One that has not
/// written for six seconds is gone.
/// </summary>
internal sealed class ReplicaDirectory(IReplicaReports reports, ReplicaFigures figures, TimeProvider time, Supervision supervision)
    : SupervisedService(supervision)
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

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await reports.RemoveAsync(figures.Instance);
    }

    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(Interval, ExchangeAsync, stoppingToken);

    private async Task ExchangeAsync(CancellationToken stopping)
    {
        var own = figures.Report();
        try
        {
            var all = await reports.ExchangeAsync(own, stopping);
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var fresh = all.Where(r => r.Instance == own.Instance || now - r.AtMs < Freshness.TotalMilliseconds);
            _live = [.. fresh.OrderBy(r => r.Instance, StringComparer.Ordinal)];
        }
        catch
        {
            // Of the others nothing is known.
            _live = [own];
            throw;
        }
    }
}

/// <summary>Where replicas leave their figures for each other.</summary>
internal interface IReplicaReports
{
    /// <summary>Leaves one's own report and returns all.</summary>
    /// <exception cref="SseUnavailableException">The others cannot be reached.</exception>
    Task<IReadOnlyList<ReplicaReport>> ExchangeAsync(ReplicaReport own, CancellationToken cancellationToken);

    /// <summary>Takes a report away; for a replica that stops. Where that cannot be, it is stale in six seconds.</summary>
    Task RemoveAsync(string instance);
}

/// <summary>One process knows only itself.</summary>
internal sealed class NoOtherReplicas : IReplicaReports
{
    public Task<IReadOnlyList<ReplicaReport>> ExchangeAsync(ReplicaReport own, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ReplicaReport>>([own]);

    public Task RemoveAsync(string instance) => Task.CompletedTask;
}
