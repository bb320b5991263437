using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SseScaling.Telemetry;

/// <summary>All instruments of delivery. Tags are bounded: no user, topic or connection is one. Any thread.</summary>
internal sealed class DeliveryMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "SseScaling.Delivery";

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Histogram<int> _fanOutSize;
    private readonly Histogram<double> _fanOutDuration;
    private readonly Counter<long> _disconnects;
    private readonly Counter<long> _replayed;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _dropped;
    private readonly long[] _disconnected = new long[Enum.GetValues<SseDisconnectReason>().Length];
    private long _gapCount;
    private long _received;
    private long _delivered;
    private long _queuedBytes;

    public DeliveryMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableCounter("sse.events.received", () => Received(), "{event}", "Events of subscribed topics that reached this replica.");
        _meter.CreateObservableCounter("sse.events.delivered", () => Delivered(), "{event}", "Events written to clients' connections.");
        _meter.CreateObservableUpDownCounter("sse.queue.size", QueuedBytes, "By", "Bytes that wait for clients.");
        _duration = _meter.CreateHistogram<double>(
            "sse.delivery.duration", "s", "From publishing to writing to a client's connection.", null, new() { HistogramBucketBoundaries = Seconds });
        _fanOutSize = _meter.CreateHistogram<int>(
            "sse.fanout.size", "{connection}", "Clients to whom one batch of a topic's events went.", null,
            new() { HistogramBucketBoundaries = [1, 2, 5, 10, 100, 1_000, 10_000, 100_000] });
        _fanOutDuration = _meter.CreateHistogram<double>(
            "sse.fanout.duration", "s", "From the first to the last client of one batch.", null, new() { HistogramBucketBoundaries = Seconds });
        _disconnects = _meter.CreateCounter<long>("sse.disconnects", "{connection}", "Ended streams by reason.");
        _replayed = _meter.CreateCounter<long>("sse.replay.events", "{event}", "Events read from history for resuming clients.");
        _gaps = _meter.CreateCounter<long>("sse.gaps", "{gap}", "Holes that history could not fill, one per client that was told.");
        _dropped = _meter.CreateCounter<long>("sse.events.dropped", "{event}", "Live messages that did not fit; the durable ones come from the stream.");
    }

    /// <summary>Latencies of the last seconds, for /api/stats.</summary>
    public LatencyHistogram Latencies { get; } = new();

    // 0.1 ms to 10 s.
    private static double[] Seconds =>
        [.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];

    public void Observe(Func<int> connections) =>
        _meter.CreateObservableUpDownCounter("sse.connections.active", connections, "{connection}", "Open streams.");

    public void ObserveTopics(Func<int> topics) =>
        _meter.CreateObservableUpDownCounter("sse.topics.active", topics, "{topic}", "Topics that this replica is subscribed to.");

    /// <summary>Observes the memory that an open stream costs, in bytes.</summary>
    public void ObserveMemory(Func<long> bytesPerConnection) =>
        _meter.CreateObservableGauge("sse.connection.memory", bytesPerConnection, "By", "Growth of the working set since the start, per open stream.");

    /// <summary>Begins to time the fan-out of a batch; 0 when nobody asks for it.</summary>
    public long FanOutStarts() => _fanOutDuration.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Records the fan-out of a batch.</summary>
    /// <param name="started">What <see cref="FanOutStarts"/> gave.</param>
    /// <param name="clients">To how many clients it went.</param>
    public void FannedOut(long started, int clients)
    {
        if (started == 0)
            return;
        _fanOutSize.Record(clients);
        _fanOutDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    public void Received(int events) => Interlocked.Add(ref _received, events);

    public long Received() => Interlocked.Read(ref _received);

    public void Delivered(int events) => Interlocked.Add(ref _delivered, events);

    public long Delivered() => Interlocked.Read(ref _delivered);

    public void QueuedBytes(int bytes) => Interlocked.Add(ref _queuedBytes, bytes);

    public long QueuedBytes() => Interlocked.Read(ref _queuedBytes);

    /// <summary>Records how long deliveries took.</summary>
    /// <param name="publishedMicros">When the events were published, Unix microseconds.</param>
    /// <param name="deliveries">How many deliveries this stands for.</param>
    public void Latency(long publishedMicros, int deliveries)
    {
        var micros = ((DateTimeOffset.UtcNow.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond) - publishedMicros;
        Latencies.Record(micros, deliveries);
        _duration.Record(Math.Max(0, micros) / 1e6);
    }

    public void Disconnected(SseDisconnectReason reason)
    {
        Interlocked.Increment(ref _disconnected[(int)reason]);
        _disconnects.Add(1, new KeyValuePair<string, object?>("reason", reason.Name()));
    }

    /// <summary>Ended streams by the reasons' names.</summary>
    public IReadOnlyDictionary<string, long> Disconnects() =>
        Enum.GetValues<SseDisconnectReason>().ToDictionary(r => r.Name(), r => Interlocked.Read(ref _disconnected[(int)r]));

    public void Replayed(int events) => _replayed.Add(events);

    public void Gap(int clients)
    {
        Interlocked.Add(ref _gapCount, clients);
        _gaps.Add(clients);
    }

    public long Gaps() => Interlocked.Read(ref _gapCount);

    public void Dropped(int messages) => _dropped.Add(messages);
}
