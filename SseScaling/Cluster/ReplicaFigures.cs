using System.Diagnostics;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Hosting;
using SseScaling.Telemetry;
using SseScaling.Topics;

namespace SseScaling.Cluster;

/// <summary>Takes this replica's figures. Any thread.</summary>
internal sealed class ReplicaFigures
{
    private readonly long _startedMs = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds();
    private readonly long _emptyBytes = Environment.WorkingSet;
    private readonly ReplicaName _name;
    private readonly ConnectionRegistry _connections;
    private readonly OpenStreams _streams;
    private readonly IBackplane _backplane;
    private readonly DeliveryMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly long _clockZeroMs;

    public ReplicaFigures(
        ReplicaName name, ConnectionRegistry connections, OpenStreams streams, IBackplane backplane, DeliveryMetrics metrics, TimeProvider time)
    {
        (_name, _connections, _streams, _backplane, _metrics, _time) = (name, connections, streams, backplane, metrics, time);
        _clockZeroMs = NowMs() - time.Milliseconds();
        metrics.ObserveMemory(() => PerConnection(Environment.WorkingSet));
    }

    public string Instance => _name.Instance;

    /// <summary>When a stream was opened, Unix milliseconds: never before <see cref="SseReplica.StartedMs"/>, however the clock is set meanwhile.</summary>
    public long OpenedMs(Connection connection) => Math.Max(_startedMs, _clockZeroMs + connection.StartedAt);

    public SseReplica Take()
    {
        var memory = Environment.WorkingSet;
        return new SseReplica
        {
            Instance = _name.Instance,
            AtMs = NowMs(),
            StartedMs = _startedMs,
            Connections = _connections.Count,
            MaxConnections = _connections.Capacity.Connections,
            Draining = _connections.IsDraining,
            Topics = _streams.Topics.TopicCount,
            EventsIn = _metrics.Received(),
            EventsOut = _metrics.Delivered(),
            QueueBytes = _metrics.QueuedBytes(),
            Gaps = _metrics.Gaps(),
            Disconnects = _metrics.Disconnects(),
            WorkingSetBytes = memory,
            ManagedBytes = GC.GetTotalMemory(forceFullCollection: false),
            BytesPerConnection = PerConnection(memory),
            Backplane = _backplane.Name,
            BackplaneAvailable = _backplane.IsAvailable,
            LatencyBuckets = _metrics.Latencies.Buckets(),
            LocalUrl = _name.LocalUrl,
            Users = _streams.UserCount,
        };
    }

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private long PerConnection(long memory) => _connections.Count is > 0 and var open ? Math.Max(0, memory - _emptyBytes) / open : 0;
}
