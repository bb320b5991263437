using Xunit;

namespace SseScaling.Tests.Faults;

/// <summary>What a run does.</summary>
/// <param name="Clients">Clients; two of three listen to one topic, the third to three.</param>
/// <param name="Replicas">Replicas.</param>
/// <param name="Topics">Topics.</param>
/// <param name="PerSecond">Events per second.</param>
/// <param name="Pace">Stretches the calm times between the faults: 1 makes a run of about 30 s.</param>
internal sealed record FaultPlan(int Clients, int Replicas, int Topics, double PerSecond, double Pace)
{
    /// <summary>How long dropped clients stay away, beside their reconnect delay.</summary>
    public TimeSpan Away { get; init; }
}

/// <summary>Clients, a publisher, and one fault after the other.</summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private static readonly TimeSpan OpenDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndDeadline = TimeSpan.FromSeconds(60);

    private readonly FaultPlan _plan;
    private readonly FaultCluster _cluster;
    private readonly Ledger _ledger;
    private readonly BrowserClient[] _clients;

    private FaultRun(FaultPlan plan, FaultCluster cluster)
    {
        (_plan, _cluster) = (plan, cluster);
        _ledger = new Ledger(plan.Topics);
        _clients = [.. Enumerable.Range(0, plan.Clients).Select(i => new BrowserClient(TopicsOf(i), cluster.AnyPort))];
    }

    public static async Task<Verdict> RunAsync(FaultPlan plan, params (string Name, string Value)[] settings)
    {
        await using var cluster = await FaultCluster.StartAsync(plan.Replicas, settings);
        await using var run = new FaultRun(plan, cluster);
        return await run.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
    }

    private async Task<Verdict> RunAsync()
    {
        await Task.WhenAll(_clients.Select(client => client.Opened)).WaitAsync(OpenDeadline, TestContext.Current.CancellationToken);
        using var publisher = new CarefulPublisher(_cluster, _ledger);
        using var stop = new CancellationTokenSource();
        var publishing = publisher.RunAsync(_plan.PerSecond, stop.Token);
        await PassAsync(2);
        await DuringAsync("clients dropped", DropClientsAsync);
        await DuringAsync("replica killed", RestartReplicaAsync);
        await DuringAsync("Redis killed", RestartRedisAsync);
        await DuringAsync("Redis link frozen", FreezeRedisAsync);
        _ledger.Fault = "none";
        await PassAsync(2);
        await stop.CancelAsync();
        await publishing.WaitAsync(EndDeadline, TestContext.Current.CancellationToken);
        await AwaitClientsAsync();
        Assert.All(_clients, client => Assert.Equal(0, client.Refusals));
        return new Verdict(_ledger, _clients);
    }

    private async Task DuringAsync(string fault, Func<Task> action)
    {
        _ledger.Fault = fault;
        await action();
    }

    private async Task DropClientsAsync()
    {
        for (var i = 0; i < 20; i++)
        {
            foreach (var client in Random.Shared.GetItems(_clients, _clients.Length / 20))
            {
                client.Away = _plan.Away;
                client.Drop();
            }

            await PassAsync(.2);
        }
    }

    private async Task RestartReplicaAsync()
    {
        await _cluster.KillReplicaAsync(0);
        await PassAsync(1.5);
        await _cluster.StartReplicaAsync(0);
        await PassAsync(3);
    }

    private async Task RestartRedisAsync()
    {
        await _cluster.Redis.KillAsync();
        await PassAsync(1.5);
        await _cluster.Redis.StartAsync();
        await PassAsync(5);
    }

    private async Task FreezeRedisAsync()
    {
        await _cluster.Redis.FreezeAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await _cluster.Redis.ThawAsync();
        await PassAsync(4);
    }

    private Task PassAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds * _plan.Pace), TestContext.Current.CancellationToken);

    /// <summary>Waits until every client stands at each of its topics' ends; who does not by the deadline has lost something, which the verdict says.</summary>
    private async Task AwaitClientsAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!Array.TrueForAll(_clients, IsComplete) && TimeProvider.System.GetElapsedTime(start) < EndDeadline)
            await Task.Delay(50, TestContext.Current.CancellationToken);
    }

    private bool IsComplete(BrowserClient client) => client.Logs.All(pair => pair.Value.Reached >= _ledger.Published(pair.Key));

    private int[] TopicsOf(int client) => client % 3 == 2
        ? [client % _plan.Topics, (client + 1) % _plan.Topics, (client + 7) % _plan.Topics]
        : [client % _plan.Topics];
}
