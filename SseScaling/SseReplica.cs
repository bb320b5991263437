namespace SseScaling;

/// <summary>One replica in figures. Counts are since its start; what a replica of another version does not say is 0, empty or null.</summary>
public sealed record SseReplica
{
    /// <summary>Its instance id: <c>service.instance.id</c> of <c>OTEL_RESOURCE_ATTRIBUTES</c>, else machine and process.</summary>
    public required string Instance { get; init; }

    /// <summary>When the figures were taken, Unix milliseconds.</summary>
    public required long AtMs { get; init; }

    /// <summary>When the process started, Unix milliseconds.</summary>
    public required long StartedMs { get; init; }

    /// <summary>Open streams.</summary>
    public int Connections { get; init; }

    /// <summary>The most it takes.</summary>
    public long MaxConnections { get; init; }

    /// <summary>Whether it is stopping.</summary>
    public bool Draining { get; init; }

    /// <summary>Subscribed topics.</summary>
    public int Topics { get; init; }

    /// <summary>Events that reached it.</summary>
    public long EventsIn { get; init; }

    /// <summary>Events written to clients.</summary>
    public long EventsOut { get; init; }

    /// <summary>Bytes that wait for clients.</summary>
    public long QueueBytes { get; init; }

    /// <summary>Holes that history could not fill, one per client that was told.</summary>
    public long Gaps { get; init; }

    /// <summary>Ended streams by reason.</summary>
    public IReadOnlyDictionary<string, long> Disconnects { get; init; } = new Dictionary<string, long>();

    /// <summary>Physical memory of the process.</summary>
    public long WorkingSetBytes { get; init; }

    /// <summary>Managed heap of the process.</summary>
    public long ManagedBytes { get; init; }

    /// <summary>Growth of the working set since the start, per open stream; 0 without streams.</summary>
    public long BytesPerConnection { get; init; }

    /// <summary>redis or memory.</summary>
    public string Backplane { get; init; } = "";

    /// <summary>Whether it can be reached.</summary>
    public bool BackplaneAvailable { get; init; }

    /// <summary>The latencies of the last 10 to 20 s in logarithmic buckets, bucket and count in turn: <see cref="SseLatency.Of(IEnumerable{SseReplica})"/> merges them.</summary>
    public IReadOnlyList<long> LatencyBuckets { get; init; } = [];

    /// <summary>Where programs on the same machine reach it past a proxy: the first plaintext URL on a loopback address that it was told to listen to; null without one.</summary>
    public string? LocalUrl { get; init; }

    /// <summary>Users with streams open here.</summary>
    public int Users { get; init; }
}
