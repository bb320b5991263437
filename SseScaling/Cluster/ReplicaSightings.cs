using SseScaling.Hosting;

namespace SseScaling.Cluster;

/// <summary>When each replica's report was last seen to change, by this machine's clock: the others' clocks may be minutes off. Any thread.</summary>
internal sealed class ReplicaSightings(TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Remembrance = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Dictionary<string, (long AtMs, long SeenMs)> _seen = new(StringComparer.Ordinal);

    /// <summary>Tells the reports of those that are alive from those whose replica was gone a minute ago. The rest is neither.</summary>
    /// <remarks>One that is seen for the first time counts as alive: whether it is, the next six seconds show.</remarks>
    public (IReadOnlyList<SseReplica> Live, IReadOnlyList<string> Gone) Sort(IReadOnlyList<SseReplica> reports)
    {
        var now = time.Milliseconds();
        lock (_gate)
        {
            var seen = new Dictionary<string, (long AtMs, long SeenMs)>(StringComparer.Ordinal);
            foreach (var report in reports)
                seen[report.Instance] = _seen.TryGetValue(report.Instance, out var last) && last.AtMs == report.AtMs ? last : (report.AtMs, now);
            _seen = seen;
            return (
                [.. reports.Where(report => now - seen[report.Instance].SeenMs < Freshness.TotalMilliseconds)],
                [.. seen.Where(pair => now - pair.Value.SeenMs > Remembrance.TotalMilliseconds).Select(pair => pair.Key)]);
        }
    }
}
