namespace SseScaling.Cluster;

/// <summary>The register of one process without Redis.</summary>
internal sealed class MemoryUserStreams : IUserStreams
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<StreamName>> _streams = new(StringComparer.Ordinal);

    public Task<IReadOnlyList<StreamName>?> EnterAsync(string user, StreamName stream, int limit, bool evict, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_streams.TryGetValue(user, out var open))
                _streams[user] = open = [];
            var over = open.Count + 1 - limit;
            if (over > 0 && !evict)
                return Task.FromResult<IReadOnlyList<StreamName>?>(null);
            var ended = over > 0 ? open.GetRange(0, over) : [];
            open.RemoveRange(0, ended.Count);
            open.Add(stream);
            return Task.FromResult<IReadOnlyList<StreamName>?>(ended);
        }
    }

    public Task LeaveAsync(string user, StreamName stream)
    {
        lock (_gate)
        {
            if (_streams.TryGetValue(user, out var open) && open.Remove(stream) && open.Count == 0)
                _streams.Remove(user);
        }

        return Task.CompletedTask;
    }

    // One process: whoever is told to end is here, and the caller has ended it.
    public Task EndAsync(StreamName stream) => Task.CompletedTask;
}
