namespace SseScaling.Cluster;

/// <summary>The register of one process without others.</summary>
internal sealed class MemoryStreamRegister : IStreamRegister
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<StreamName>> _streams = new(StringComparer.Ordinal);

    public Task<IReadOnlyList<StreamName>?> EnterAsync(TrackedStream entry, int limit, bool evict, CancellationToken cancellationToken)
    {
        List<StreamName>? ended = [];
        lock (_gate)
        {
            Write(entry);
            var open = _streams[entry.User];
            if (open.Count > limit && !evict)
            {
                Write(entry with { IsOpen = false });
                ended = null;
            }
            else if (open.Count > limit)
            {
                ended = open.GetRange(0, open.Count - limit);
                open.RemoveRange(0, ended.Count);
            }
        }

        return Task.FromResult<IReadOnlyList<StreamName>?>(ended);
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
        if (!_streams.TryGetValue(entry.User, out var open))
            _streams[entry.User] = open = new List<StreamName>(1);
        if (!entry.IsOpen)
            open.Remove(entry.Stream);
        else if (!open.Contains(entry.Stream))
            open.Add(entry.Stream);
        if (open.Count == 0)
            _streams.Remove(entry.User);
    }
}
