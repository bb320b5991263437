using System.Text.Json;
using SseScaling.Api.Http;
using SseScaling.Backplane;
using SseScaling.Hosting;

namespace SseScaling.Api.Pages;

/// <summary>
/// Publishes this replica's figures every second as an event of the system itself, so that a monitor hears of a replica as soon as it starts and
/// misses it as soon as it dies. The events are not durable: an old figure is worth nothing.
/// </summary>
internal sealed class MonitorFeed(ISseConnections connections, ClusterHistory history, IBackplane backplane, Supervision supervision)
    : SupervisedService(supervision)
{
    /// <summary>The topic of the reports.</summary>
    public const string Topic = "cluster:replicas";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(Interval, ReportAsync, stoppingToken);

    private async Task ReportAsync(CancellationToken stopping)
    {
        history.Add(connections.Replicas);
        if (!backplane.IsAvailable)
            return;
        var replica = connections.Replica;
        var data = JsonSerializer.SerializeToUtf8Bytes(new MonitorReport(ReplicaStats.From(replica), replica.LatencyBuckets), JsonSerializerOptions.Web);
        await backplane.PublishAsync([new SseEvent(Topic, data) { Durable = false }], stopping);
    }
}

/// <summary>One replica's figures as the monitor gets them.</summary>
/// <param name="Stats">The same as in /api/stats.</param>
/// <param name="LatencyBuckets">Bucket and count in turn: percentiles of several replicas cannot be added, their buckets can.</param>
internal sealed record MonitorReport(ReplicaStats Stats, IReadOnlyList<long> LatencyBuckets);
