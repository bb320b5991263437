using System.Text;
using Microsoft.Extensions.Options;
using SseScaling.Api.Pages;
using SseScaling.Backplane;
using SseScaling.Hosting;
using SseScaling.Protocol;

namespace SseScaling.Api.Cluster;

/// <summary>
/// Has a replica stop as its host would: it drains and ends. Only where <see cref="DemoOptions.CanStopReplicas"/> allows it; a replica that does not listens to no
/// other's word either. Any thread.
/// </summary>
internal sealed class ReplicaStop(
    ISseConnections connections, IBackplane backplane, IHostApplicationLifetime lifetime, IOptions<DemoOptions> options, Supervision supervision)
    : SupervisedService(supervision), ITopicReceiver
{
    /// <summary>The response header of a stream that names the replica.</summary>
    public const string Header = "X-Served-By";

    // Its events name the replica that shall stop.
    private const string Topic = "demo:stop";

    private readonly string _own = connections.Replica.Instance;
    private bool _isSubscribed;

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
            await backplane.PublishAsync([new SseEvent(Topic, Encoding.UTF8.GetBytes(instance)) { Durable = false }], CancellationToken.None);
        return null;
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlyMemory<byte> message)
    {
        if (Encoding.UTF8.GetString(EventEnvelope.Parse(message).Data.Span) == _own)
            ThreadPool.UnsafeQueueUserWorkItem(static lifetime => lifetime.StopApplication(), lifetime, preferLocal: false);
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (IsAllowed && !_isSubscribed)
            await backplane.SubscribeAsync(Topic, this, stoppingToken);
        _isSubscribed = true;
        Worked(Timeout.InfiniteTimeSpan);
        await Task.Delay(Timeout.Infinite, stoppingToken);
    }
}
