using System.Globalization;
using SseScaling.Tests.Testing;

namespace SseScaling.Tests.Faults;

/// <summary>Redis, with its data kept, and several replicas. Each of them can be killed and started again while clients go on.</summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    private static readonly TimeSpan ExitDeadline = TimeSpan.FromSeconds(10);

    private readonly (string, string)[] _settings;
    private readonly ApiProcess[] _replicas;

    private FaultCluster(RedisServer redis, int replicas, (string, string)[] settings)
    {
        Redis = redis;
        _settings = settings;
        _replicas = new ApiProcess[replicas];
    }

    public RedisServer Redis { get; }

    public IReadOnlyList<ApiProcess> Replicas => _replicas;

    public static async Task<FaultCluster> StartAsync(int replicas, params (string Name, string Value)[] settings)
    {
        var cluster = new FaultCluster(await RedisServer.StartNewAsync(appendOnly: true), replicas, settings);
        await Task.WhenAll(Enumerable.Range(0, replicas).Select(cluster.StartReplicaAsync));
        return cluster;
    }

    /// <summary>The port of one of the replicas, dead ones included: a balancer notices late, too.</summary>
    public int AnyPort() => Volatile.Read(ref _replicas[Random.Shared.Next(_replicas.Length)]).Port;

    public Uri Any(string path) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{AnyPort()}{path}"));

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillReplicaAsync(int number)
    {
        await _replicas[number].SignalAsync("KILL");
        await _replicas[number].ExitAsync(ExitDeadline);
    }

    /// <summary>Starts a replica in the place of one that was killed.</summary>
    public async Task StartReplicaAsync(int number)
    {
        var fresh = await ApiProcess.StartAsync(Redis, _settings);
        var old = Interlocked.Exchange(ref _replicas[number], fresh);
        if (old is not null)
            await old.DisposeAsync();
        await fresh.HealthyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            if (replica is not null)
                await replica.DisposeAsync();
        }

        await Redis.DisposeAsync();
    }
}
