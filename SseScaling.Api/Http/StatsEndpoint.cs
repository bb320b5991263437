using Microsoft.AspNetCore.Http.HttpResults;
using SseScaling.Api.Access;

namespace SseScaling.Api.Http;

/// <summary><c>GET /api/stats</c>: this replica and the whole cluster in figures.</summary>
internal static class StatsEndpoint
{
    public static void MapStats(this IEndpointRouteBuilder app) => app.MapGet("/api/stats", Stats)
        .RequireOperator()
        .WithTags("Figures").WithName("Stats").WithSummary("This replica and the whole cluster in figures");

    private static Ok<StatsAnswer> Stats(ISseConnections connections)
    {
        var replicas = connections.Replicas;
        return TypedResults.Ok(new StatsAnswer(ReplicaStats.From(connections.Replica), ClusterStats.From(replicas, [.. replicas.Select(ReplicaStats.From)])));
    }
}

/// <summary>The answer.</summary>
/// <param name="Replica">The replica that answers; its figures are of this moment.</param>
/// <param name="Cluster">All replicas; the others' figures are at most two seconds old.</param>
internal sealed record StatsAnswer(ReplicaStats Replica, ClusterStats Cluster);

/// <summary>The cluster in figures: sums over the replicas, and percentiles over all their deliveries.</summary>
internal sealed record ClusterStats(
    int Connections, long MaxConnections, long EventsIn, long EventsOut, long QueueBytes, long Gaps, SseLatency LatencyMs, IReadOnlyList<ReplicaStats> Replicas)
{
    public static ClusterStats From(IReadOnlyList<SseReplica> reports, IReadOnlyList<ReplicaStats> replicas) => new(
        reports.Sum(r => r.Connections), reports.Sum(r => r.MaxConnections), reports.Sum(r => r.EventsIn), reports.Sum(r => r.EventsOut),
        reports.Sum(r => r.QueueBytes), reports.Sum(r => r.Gaps), SseLatency.Of(reports), replicas);
}

/// <summary>One replica in figures; see <see cref="SseReplica"/>.</summary>
internal sealed record ReplicaStats(
    string Instance, long AtMs, long StartedMs, int Connections, long MaxConnections, bool Draining, int Topics, long EventsIn, long EventsOut,
    long QueueBytes, long Gaps, IReadOnlyDictionary<string, long> Disconnects, SseLatency LatencyMs, long WorkingSetBytes, long ManagedBytes,
    long BytesPerConnection, string Backplane, bool BackplaneAvailable, string? LocalUrl)
{
    public static ReplicaStats From(SseReplica r) => new(
        r.Instance, r.AtMs, r.StartedMs, r.Connections, r.MaxConnections, r.Draining, r.Topics, r.EventsIn, r.EventsOut, r.QueueBytes, r.Gaps,
        r.Disconnects, SseLatency.Of(r), r.WorkingSetBytes, r.ManagedBytes, r.BytesPerConnection, r.Backplane, r.BackplaneAvailable,
        r.LocalUrl);
}
