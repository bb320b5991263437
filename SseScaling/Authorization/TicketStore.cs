namespace SseScaling.Authorization;

/// <summary>Which tickets can still be used, for all replicas. It alone keeps time, so that no two clocks need agree.</summary>
internal interface ITicketStore
{
    /// <summary>Keeps a ticket's id for a while.</summary>
    /// <exception cref="SseUnavailableException">The store is away: there is no ticket.</exception>
    Task AddAsync(string id, TimeSpan life, CancellationToken cancellationToken);

    /// <summary>Takes an id away: true for one caller, in time.</summary>
    /// <exception cref="SseUnavailableException">The store is away: the ticket may be used up.</exception>
    Task<bool> TakeAsync(string id, CancellationToken cancellationToken);
}

/// <summary>Those of one process.</summary>
internal sealed class MemoryTicketStore(TimeProvider time) : ITicketStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _ends = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = new();

    public Task AddAsync(string id, TimeSpan life, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (_byAge.TryPeek(out var oldest) && (!_ends.TryGetValue(oldest, out var end) || end <= time.GetTimestamp()))
                _ends.Remove(_byAge.Dequeue());
            _ends.Add(id, time.GetTimestamp() + (long)(life.TotalSeconds * time.TimestampFrequency));
            _byAge.Enqueue(id);
        }

        return Task.CompletedTask;
    }

    public Task<bool> TakeAsync(string id, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(_ends.Remove(id, out var end) && end > time.GetTimestamp());
    }
}
