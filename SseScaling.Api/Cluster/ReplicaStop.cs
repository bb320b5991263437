using Microsoft.Extensions.Options;
using SseScaling.Api.Pages;
using SseScaling.Cluster;
using SseScaling.Redis;

namespace SseScaling.Api.Cluster;

/// <summary>
/// Has a replica stop as its host would: it drains and ends. Only where <see cref="DemoOptions.CanStopReplicas"/> allows it; a replica that does not heeds no
/// other's word either. Any thread.
/// </summary>
internal sealed class ReplicaStop(
    ReplicaDirectory replicas, ReplicaName own, IHostApplicationLifetime lifetime, IOptions<DemoOptions> options, IServiceProvider services)
{
    /// <summary>The response header of a stream that names the replica.</summary>
    public const string Header = "X-Served-By";

    public bool IsAllowed => options.Value.CanStopReplicas;

    /// <summary>What <see cref="Header"/> says; null where nobody needs to know.</summary>
    public string? ServedBy => IsAllowed ? own.Instance : null;

    /// <summary>Stops a replica; returns a sentence when that cannot be.</summary>
    /// <param name="instance">Its name.</param>
    /// <exception cref="SseUnavailableException">Redis is away, so that another replica cannot be told.</exception>
    public async Task<string?> StopAsync(string instance)
    {
        var running = replicas.Now().Where(replica => !replica.Draining).ToArray();
        if (!Array.Exists(running, replica => replica.Instance == instance))
            return $"No replica {instance} is running: it may have stopped already.";
        if (running.Length == 1)
            return "This is the last replica that is running: start another one first.";
        if (instance == own.Instance)
            Heed();
        else
            await TellAsync(instance);
        return null;
    }

    /// <summary>Stops this replica, on its own or another one's behalf.</summary>
    public void Heed()
    {
        if (IsAllowed)
            lifetime.StopApplication();
    }

    private Task<long> TellAsync(string instance) =>
        services.GetRequiredService<RedisLink>().AskAsync(database => database.PublishAsync(RedisKeys.Control(instance), ControlMessages.Stop));
}
