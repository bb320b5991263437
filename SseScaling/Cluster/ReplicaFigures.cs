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
        return new SseReplica(
            _name.Instance, NowMs(), _startedMs, _connections.Count, _connections.Capacity.Connections, _connections.IsDraining, _streams.Topics.TopicCount,
            _metrics.Received(), _metrics.Delivered(), _metrics.QueuedBytes(), _metrics.Gaps(), _metrics.Disconnects(), memory,
            GC.GetTotalMemory(forceFullCollection: false), PerConnection(memory), _backplane.Name, _backplane.IsAvailable, _metrics.Latencies.Buckets(),
            _name.LocalUrl, _streams.UserCount);
    }

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private long PerConnection(long memory) => _connections.Count is > 0 and var open ? Math.Max(0, memory - _emptyBytes) / open : 0;
}
