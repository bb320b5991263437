using SseScaling.Api.Backplane;
using SseScaling.Api.Delivery;
using SseScaling.Api.Hub;
using SseScaling.Api.Telemetry;

namespace SseScaling.Api.Http;

/// <summary><c>GET /api/stats</c>: this replica in figures.</summary>
internal static class StatsEndpoint
{
    public static void MapStats(this IEndpointRouteBuilder app) => app.MapGet("/api/stats", Stats).WithName("Stats");

    private static ReplicaStats Stats(ConnectionRegistry connections, TopicHub hub, IBackplane backplane, DeliveryMetrics metrics, ReplicaName name)
    {
        var latency = metrics.Latencies.Percentiles(.5, .95, .99);
        var memory = Environment.WorkingSet;
        return new ReplicaStats(
            name.Instance, connections.Count, connections.Capacity.Connections, connections.IsDraining, hub.TopicCount, metrics.Received(), metrics.Delivered(),
            metrics.QueuedBytes(), new LatencyStats(latency[0], latency[1], latency[2]), memory, GC.GetTotalMemory(forceFullCollection: false),
            backplane.Name, backplane.IsAvailable);
    }
}

/// <summary>One replica in figures. Counts are since its start.</summary>
/// <param name="Instance">Its instance id.</param>
/// <param name="Connections">Open streams.</param>
/// <param name="MaxConnections">The most it takes.</param>
/// <param name="Draining">Whether it is stopping.</param>
/// <param name="Topics">Subscribed topics.</param>
/// <param name="EventsIn">Events that reached it.</param>
/// <param name="EventsOut">Events written to clients.</param>
/// <param name="QueueBytes">Bytes that wait for clients.</param>
/// <param name="LatencyMs">From publishing to writing to the client, over the last 10 to 20 s; events of a plain PUBLISH carry no time and are not in it.</param>
/// <param name="WorkingSetBytes">Physical memory of the process.</param>
/// <param name="ManagedBytes">Managed heap of the process.</param>
/// <param name="Backplane">redis or memory.</param>
/// <param name="BackplaneAvailable">Whether it can be reached.</param>
internal sealed record ReplicaStats(
    string Instance, int Connections, long MaxConnections, bool Draining, int Topics, long EventsIn, long EventsOut, long QueueBytes,
    LatencyStats LatencyMs, long WorkingSetBytes, long ManagedBytes, string Backplane, bool BackplaneAvailable);

/// <summary>Percentiles in milliseconds.</summary>
/// <param name="P50">Median.</param>
/// <param name="P95">95 %.</param>
/// <param name="P99">99 %.</param>
internal sealed record LatencyStats(double P50, double P95, double P99);
