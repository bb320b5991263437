using System.Text;
using Microsoft.Extensions.Options;
using SseScaling.Api.Pages;
using SseScaling.Hosting;

namespace SseScaling.Api.Cluster;

/// <summary>
/// Has a replica stop as its host would: it drains and ends. Only where <see cref="DemoOptions.CanStopReplicas"/> allows it; a replica that does not listens to no
/// other's word either. Any thread.
/// </summary>
internal sealed class ReplicaStop(
    ISseConnections connections,
    ISsePublisher publisher,
    ISseSubscriber subscriber,
    IHostApplicationLifetime lifetime,
    IOptions<DemoOptions> options,
    Supervision supervision) : SupervisedService(supervision)
{
    /// <summary>The response header of a stream that names the replica.</summary>
    public const string Header = "X-Served-By";

    // Its events name the replica that shall stop.
    private const string Topic = "demo:stop";

    private readonly string _own = connections.Replica.Instance;

    public bool IsAllowed => options.Value.CanStopReplicas;

    /// <summary>What <see cref="Header"/> says; null where nobody needs to know.</summary>
    public string? ServedBy => IsAllowed ? _own : null;

    /// <summary>Stops a replica; returns a sentence when that cannot be.</summary>
    /// <param name="instance">Its name.</param>
    /// <exception cref="SseUnavailableException">The backplane is away, so that another replica cannot be told.</exception>
    public async Task<string?> StopAsync(string instance)
    {
        var running = connections.Replicas.Where(replica => !replica.Draining).ToArray();
        if (!Array.Exists(running, replica => replica.Instance == instance))
            return $"No replica {instance} is running: it may have stopped already.";
        if (running.Length == 1)
            return "This is the last replica that is running: start another one first.";
        if (instance == _own)
            lifetime.StopApplication();
        else
            await publisher.PublishUtf8Async(Topic, Encoding.UTF8.GetBytes(instance), new() { Durable = false });
        return null;
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        Worked(Timeout.InfiniteTimeSpan);
        if (!IsAllowed)
            await Task.Delay(Timeout.Infinite, stoppingToken);
        await foreach (var item in subscriber.SubscribeUtf8Async(new SseSubscription(Topic), stoppingToken))
        {
            if (Encoding.UTF8.GetString(item.Data.Span) == _own)
                lifetime.StopApplication();
        }
    }
}
