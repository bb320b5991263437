using System.Diagnostics;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Telemetry;
using SseScaling.Topics;

namespace SseScaling.Cluster;

/// <summary>One replica in figures. Counts are since its start.</summary>
/// <param name="Instance">Its instance id.</param>
/// <param name="AtMs">When the figures were taken, Unix milliseconds.</param>
/// <param name="StartedMs">When the process started, Unix milliseconds.</param>
/// <param name="Connections">Open streams.</param>
/// <param name="MaxConnections">The most it takes.</param>
/// <param name="Draining">Whether it is stopping.</param>
/// <param name="Topics">Subscribed topics.</param>
/// <param name="EventsIn">Events that reached it.</param>
/// <param name="EventsOut">Events written to clients.</param>
/// <param name="QueueBytes">Bytes that wait for clients.</param>
/// <param name="Gaps">Holes that history could not fill, one per client that was told.</param>
/// <param name="Disconnects">Ended streams by reason.</param>
/// <param name="WorkingSetBytes">Physical memory of the process.</param>
/// <param name="ManagedBytes">Managed heap of the process.</param>
/// <param name="BytesPerConnection">Growth of the working set since the start, per open stream; 0 without streams.</param>
/// <param name="Backplane">redis or memory.</param>
/// <param name="BackplaneAvailable">Whether it can be reached.</param>
/// <param name="LatencyBuckets">Bucket and count in turn, of the last 10 to 20 s; see <see cref="LatencyHistogram"/>.</param>
/// <param name="LocalUrl">See <see cref="ReplicaName.LocalUrl"/>.</param>
internal sealed record ReplicaReport(
    string Instance, long AtMs, long StartedMs, int Connections, long MaxConnections, bool Draining, int Topics, long EventsIn, long EventsOut,
    long QueueBytes, long Gaps, IReadOnlyDictionary<string, long> Disconnects, long WorkingSetBytes, long ManagedBytes, long BytesPerConnection,
    string Backplane, bool BackplaneAvailable, IReadOnlyList<long> LatencyBuckets,
    string? LocalUrl);

/// <summary>Takes this replica's figures.</summary>
internal sealed class ReplicaFigures
{
    private readonly long _startedMs = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds();
    private readonly long _emptyBytes = Environment.WorkingSet;
    private readonly ReplicaName _name;
    private readonly ConnectionRegistry _connections;
    private readonly TopicRegistry _topics;
    private readonly IBackplane _backplane;
    private readonly DeliveryMetrics _metrics;
    private readonly TimeProvider _time;

    public ReplicaFigures(
        ReplicaName name, ConnectionRegistry connections, TopicRegistry topics, IBackplane backplane, DeliveryMetrics metrics, TimeProvider time)
    {
        (_name, _connections, _topics, _backplane, _metrics, _time) = (name, connections, topics, backplane, metrics, time);
        metrics.ObserveMemory(() => PerConnection(Environment.WorkingSet));
    }

    public string Instance => _name.Instance;

    public ReplicaReport Report()
    {
        var memory = Environment.WorkingSet;
        return new ReplicaReport(
            _name.Instance, _time.GetUtcNow().ToUnixTimeMilliseconds(), _startedMs, _connections.Count, _connections.Capacity.Connections,
            _connections.IsDraining, _topics.TopicCount, _metrics.Received(), _metrics.Delivered(), _metrics.QueuedBytes(), _metrics.Gaps(),
            _metrics.Disconnects(), memory, GC.GetTotalMemory(forceFullCollection: false), PerConnection(memory), _backplane.Name,
            _backplane.IsAvailable, _metrics.Latencies.Buckets(), _name.LocalUrl);
    }

    private long PerConnection(long memory) => _connections.Count is > 0 and var open ? Math.Max(0, memory - _emptyBytes) / open : 0;
}
