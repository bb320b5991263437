using SseScaling.Hosting;

namespace SseScaling.Cluster;

/// <summary>
/// Who is in the cluster, and each one's figures: every replica writes its own every two seconds and reads the others'. One that has not
/// written for six seconds is gone.
/// </summary>
/// <remarks>
/// A replica hears what it is told (<see cref="ControlChannel"/>) before it stands in the directory, and stands in it before it has streams
/// (<see cref="JoinedAsync"/>): who asks all in the directory misses no stream. Where the backplane is away at the start, streams do not wait for that, and nobody can ask.
/// </remarks>
internal sealed class ReplicaDirectory(IReplicaReports reports, ReplicaFigures figures, TimeProvider time, Supervision supervision)
    : SupervisedService(supervision)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _hears = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReplicaSightings _sightings = new(time);
    private volatile IReadOnlyList<SseReplica>? _live;

    /// <summary>This replica's name.</summary>
    public string Own => figures.Instance;

    /// <summary>The replicas that are alive, this one included, ordered by name, at most two seconds old; null while the others are not known.</summary>
    public IReadOnlyList<SseReplica>? Live => _live;

    /// <summary>The live replicas with this one's figures of now.</summary>
    public IReadOnlyList<SseReplica> Now() => InOrder((_live ?? []).Where(replica => replica.Instance != Own).Append(figures.Take()));

    /// <summary>The replicas that are alive; asks for them where they are not known, as in the moment after an outage.</summary>
    /// <exception cref="SseUnavailableException">The others cannot be asked.</exception>
    public async Task<IReadOnlyList<SseReplica>> KnownAsync(CancellationToken cancellationToken) => _live ?? await AskAsync(cancellationToken);

    /// <summary>Asks which replicas are alive at this moment.</summary>
    /// <exception cref="SseUnavailableException">The others cannot be asked.</exception>
    public async Task<IReadOnlyList<SseReplica>> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (seen, gone) = _sightings.Sort(await reports.ExchangeAsync(figures.Take(), cancellationToken));
            var live = InOrder(seen);
            _live = live;
            foreach (var instance in gone)
                await reports.RemoveAsync(instance);
            return live;
        }
        catch
        {
            _live = null;
            throw;
        }
    }

    /// <summary>Says that this replica hears what the others tell it. Any thread.</summary>
    public void Hears() => _hears.TrySetResult();

    /// <summary>Completes when this replica stands in the directory, after two seconds in any case.</summary>
    public async ValueTask JoinedAsync()
    {
        if (!_joined.Task.IsCompleted)
            await _joined.Task.WaitAsync(JoinPatience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await reports.RemoveAsync(Own);
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await _hears.Task.WaitAsync(stoppingToken);
        await RepeatAsync(Interval, TellAsync, stoppingToken);
    }

    private async Task TellAsync(CancellationToken stopping)
    {
        await AskAsync(stopping);
        _joined.TrySetResult();
    }

    private static SseReplica[] InOrder(IEnumerable<SseReplica> replicas) => [.. replicas.OrderBy(replica => replica.Instance, StringComparer.Ordinal)];
}

/// <summary>Where replicas leave their figures for each other.</summary>
internal interface IReplicaReports
{
    /// <summary>Leaves one's own report and returns all.</summary>
    /// <exception cref="SseUnavailableException">The others cannot be reached.</exception>
    Task<IReadOnlyList<SseReplica>> ExchangeAsync(SseReplica own, CancellationToken cancellationToken);

    /// <summary>Takes a report away; for a replica that stops. Where that cannot be, it is stale in six seconds.</summary>
    Task RemoveAsync(string instance);
}

/// <summary>One process knows only itself.</summary>
internal sealed class NoOtherReplicas : IReplicaReports
{
    public Task<IReadOnlyList<SseReplica>> ExchangeAsync(SseReplica own, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SseReplica>>([own]);

    public Task RemoveAsync(string instance) => Task.CompletedTask;
}
