namespace SseScaling.Cluster;

/// <summary>The register of one process without others.</summary>
internal sealed class MemoryStreamRegister : IStreamRegister
{
    private static readonly Comparer<TrackedStream> ByOpening =
        Comparer<TrackedStream>.Create((one, other) => (one.OpenedMs, one.Stream.Number).CompareTo((other.OpenedMs, other.Stream.Number)));

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SortedSet<TrackedStream>> _users = new(StringComparer.Ordinal);

    public Task<IReadOnlyList<StreamName>?> EnterAsync(TrackedStream entry, int limit, bool evict, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Write(entry);
            var open = _users[entry.User];
            TrackedStream[] over = evict ? [.. open.Take(open.Count - limit)] : open.Count > limit ? [entry] : [];
            foreach (var stream in over)
                Write(stream with { IsOpen = false });
            return Task.FromResult<IReadOnlyList<StreamName>?>(evict || over.Length == 0 ? Array.ConvertAll(over, stream => stream.Stream) : null);
        }
    }

    public Task WriteAsync(IReadOnlyCollection<TrackedStream> entries, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var entry in entries)
                Write(entry);
        }

        return Task.CompletedTask;
    }

    public Task<int> CountElsewhereAsync(string user, CancellationToken cancellationToken) => Task.FromResult(0);

    private void Write(TrackedStream entry)
    {
        if (!_users.TryGetValue(entry.User, out var open))
            _users[entry.User] = open = new SortedSet<TrackedStream>(ByOpening);
        if (entry.IsOpen)
            open.Add(entry);
        else
            open.Remove(entry);
        if (open.Count == 0)
            _users.Remove(entry.User);
    }
}
