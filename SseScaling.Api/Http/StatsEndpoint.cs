using Microsoft.AspNetCore.Http.HttpResults;
using SseScaling.Cluster;
using SseScaling.Telemetry;

namespace SseScaling.Api.Http;

/// <summary><c>GET /api/stats</c>: this replica and the whole cluster in figures.</summary>
internal static class StatsEndpoint
{
    public static void MapStats(this IEndpointRouteBuilder app) => app.MapGet("/api/stats", Stats)
        .WithTags("Figures").WithName("Stats").WithSummary("This replica and the whole cluster in figures");

    private static Ok<StatsAnswer> Stats(ReplicaDirectory directory, ReplicaName name)
    {
        var replicas = directory.Now();
        var answers = replicas.Select(ReplicaStats.From).ToArray();
        return TypedResults.Ok(new StatsAnswer(answers.First(r => r.Instance == name.Instance), ClusterStats.From(replicas, answers)));
    }
}

/// <summary>The answer.</summary>
/// <param name="Replica">The replica that answers; its figures are of this moment.</param>
/// <param name="Cluster">All replicas; the others' figures are at most two seconds old.</param>
internal sealed record StatsAnswer(ReplicaStats Replica, ClusterStats Cluster);

/// <summary>The cluster in figures: sums over the replicas, and percentiles over all their deliveries.</summary>
internal sealed record ClusterStats(
    int Connections, long MaxConnections, long EventsIn, long EventsOut, long QueueBytes, long Gaps, LatencyStats LatencyMs, IReadOnlyList<ReplicaStats> Replicas)
{
    public static ClusterStats From(IReadOnlyList<ReplicaReport> reports, IReadOnlyList<ReplicaStats> replicas) => new(
        reports.Sum(r => r.Connections), reports.Sum(r => r.MaxConnections), reports.Sum(r => r.EventsIn), reports.Sum(r => r.EventsOut),
        reports.Sum(r => r.QueueBytes), reports.Sum(r => r.Gaps), LatencyStats.From(reports.Select(r => r.LatencyBuckets)), replicas);
}

/// <summary>One replica in figures; see <see cref="ReplicaReport"/>.</summary>
internal sealed record ReplicaStats(
    string Instance, long AtMs, long StartedMs, int Connections, long MaxConnections, bool Draining, int Topics, long EventsIn, long EventsOut,
    long QueueBytes, long Gaps, IReadOnlyDictionary<string, long> Disconnects, LatencyStats LatencyMs, long WorkingSetBytes, long ManagedBytes,
    long BytesPerConnection, string Backplane, bool BackplaneAvailable, string? LocalUrl)
{
    public static ReplicaStats From(ReplicaReport r) => new(
        r.Instance, r.AtMs, r.StartedMs, r.Connections, r.MaxConnections, r.Draining, r.Topics, r.EventsIn, r.EventsOut, r.QueueBytes, r.Gaps,
        r.Disconnects, LatencyStats.From([r.LatencyBuckets]), r.WorkingSetBytes, r.ManagedBytes, r.BytesPerConnection, r.Backplane, r.BackplaneAvailable,
        r.LocalUrl);
}

/// <summary>
/// From publishing to writing to the client, in milliseconds, over the last 10 to 20 s. Events of a plain PUBLISH carry no time and are not in it.
/// </summary>
/// <param name="P50">Median.</param>
/// <param name="P95">95 %.</param>
/// <param name="P99">99 %.</param>
/// <param name="Count">How many deliveries this is about.</param>
internal sealed record LatencyStats(double P50, double P95, double P99, long Count)
{
    public static LatencyStats From(IEnumerable<IReadOnlyList<long>> buckets)
    {
        var (percentiles, count) = LatencyHistogram.Percentiles(buckets, .5, .95, .99);
        return new LatencyStats(percentiles[0], percentiles[1], percentiles[2], count);
    }
}
