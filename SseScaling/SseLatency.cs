using SseScaling.Telemetry;

namespace SseScaling;

/// <summary>
/// From publishing to writing to the client, in milliseconds, over the last 10 to 20 s. Events of a plain PUBLISH carry no time and are not in it.
/// </summary>
/// <param name="P50">Median.</param>
/// <param name="P95">95 %.</param>
/// <param name="P99">99 %.</param>
/// <param name="Count">How many deliveries this is about; without any, the percentiles are 0.</param>
public sealed record SseLatency(double P50, double P95, double P99, long Count)
{
    /// <summary>The latency over all deliveries of some replicas: percentiles of each cannot be added, their buckets can. At most 3 % too high.</summary>
    public static SseLatency Of(IEnumerable<SseReplica> replicas)
    {
        ArgumentNullException.ThrowIfNull(replicas);
        var (percentiles, count) = LatencyHistogram.Percentiles(replicas.Select(replica => replica.LatencyBuckets), .5, .95, .99);
        return new SseLatency(percentiles[0], percentiles[1], percentiles[2], count);
    }

    /// <summary>The latency of one replica.</summary>
    public static SseLatency Of(SseReplica replica) => Of([replica]);
}
