namespace SseScaling.Api.Pages;

/// <summary>The cluster's figures of the last 15 minutes, a point every five seconds; what a monitor that is opened now begins with. Any thread.</summary>
internal sealed class ClusterHistory
{
    /// <summary>Between two points, in milliseconds.</summary>
    public const long StepMs = 5_000;

    /// <summary>15 minutes.</summary>
    public const int MaxPoints = 180;

    private readonly Lock _gate = new();
    private readonly Queue<ClusterPoint> _points = new();
    private Dictionary<string, SseReplica> _last = [];
    private long _lastMs;

    /// <summary>Takes a point from the replicas' reports when one is due.</summary>
    public void Add(IReadOnlyList<SseReplica> reports)
    {
        lock (_gate)
        {
            var now = reports.Max(r => r.AtMs);
            if (now - _lastMs < StepMs)
                return;
            _lastMs = now;
            _points.Enqueue(Point(now, reports));
            if (_points.Count > MaxPoints)
                _points.Dequeue();
            _last = reports.ToDictionary(r => r.Instance);
        }
    }

    /// <summary>The points, oldest first.</summary>
    public IReadOnlyList<ClusterPoint> Points()
    {
        lock (_gate)
            return [.. _points];
    }

    private ClusterPoint Point(long now, IReadOnlyList<SseReplica> reports) => new(
        now, reports.Count, reports.Sum(r => r.Connections), Rate(reports, r => r.EventsIn), Rate(reports, r => r.EventsOut),
        SseLatency.Of(reports), reports.Sum(r => r.WorkingSetBytes), reports.Sum(r => r.QueueBytes));

    /// <summary>Per second since the last point. Each replica's reports have their own times, and a new process counts from 0.</summary>
    private double Rate(IReadOnlyList<SseReplica> reports, Func<SseReplica, long> count) => reports.Sum(report =>
        _last.TryGetValue(report.Instance, out var last) && last.StartedMs == report.StartedMs && report.AtMs > last.AtMs
            ? Math.Round((count(report) - count(last)) * 1000.0 / (report.AtMs - last.AtMs), 1)
            : 0);
}

/// <summary>The whole cluster at one time.</summary>
/// <param name="AtMs">When, Unix milliseconds.</param>
/// <param name="Replicas">How many were alive.</param>
/// <param name="Connections">Open streams.</param>
/// <param name="InPerSecond">Events that reached replicas, per second since the point before.</param>
/// <param name="OutPerSecond">Events written to clients, per second since the point before.</param>
/// <param name="LatencyMs">From publishing to writing to the client.</param>
/// <param name="WorkingSetBytes">Physical memory of all replicas.</param>
/// <param name="QueueBytes">Bytes that wait for clients.</param>
internal sealed record ClusterPoint(
    long AtMs, int Replicas, int Connections, double InPerSecond, double OutPerSecond, SseLatency LatencyMs, long WorkingSetBytes, long QueueBytes);
