namespace SseScaling;

/// <summary>One replica in figures. Counts are since its start.</summary>
/// <param name="Instance">Its instance id: <c>service.instance.id</c> of <c>OTEL_RESOURCE_ATTRIBUTES</c>, else machine and process.</param>
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
/// <param name="LatencyBuckets">
/// The latencies of the last 10 to 20 s in logarithmic buckets, bucket and count in turn: <see cref="SseLatency.Of(IEnumerable{SseReplica})"/> merges them.
/// </param>
/// <param name="LocalUrl">
/// Where programs on the same machine reach it past a proxy: the first plaintext URL on a loopback address that it was told to listen to; null without one.
/// </param>
/// <param name="Users">Users with streams open here.</param>
public sealed record SseReplica(
    string Instance, long AtMs, long StartedMs, int Connections, long MaxConnections, bool Draining, int Topics, long EventsIn, long EventsOut,
    long QueueBytes, long Gaps, IReadOnlyDictionary<string, long> Disconnects, long WorkingSetBytes, long ManagedBytes, long BytesPerConnection,
    string Backplane, bool BackplaneAvailable, IReadOnlyList<long> LatencyBuckets, string? LocalUrl, int Users = 0);
