using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Protocol;
using SseScaling.Tests.Testing;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Model;

/// <summary>A hub with its clients, and the model beside it: takes a scenario's steps without waiting in between, then sees whether all ends well.</summary>
internal sealed class World : IAsyncDisposable
{
    public const int Topics = 2;
    public const int Clients = 4;

    private static readonly TimeSpan EndDeadline = TimeSpan.FromSeconds(15);

    private readonly IBackend _backend;
    private readonly TimeSpan _settleDeadline;
    private readonly UnreliableBackplane _backplane;
    private readonly ServiceProvider _services;
    private readonly ModelTopic[] _topics;
    private readonly ModelClient[] _clients;
    private int _published;

    /// <param name="backend">The backplane; disposed with the world.</param>
    /// <param name="settleDeadline">How long it may take until everybody has everything.</param>
    public World(IBackend backend, TimeSpan settleDeadline)
    {
        (_backend, _settleDeadline) = (backend, settleDeadline);
        _backplane = new UnreliableBackplane(backend.Backplane);
        _services = new ServiceCollection().AddEngine()
            .Configure<SseOptions>(Set)
            .AddSingleton<IBackplane>(_backplane)
            .AddSingleton<Reconciler>().BuildServiceProvider();
        _topics = [.. Enumerable.Range(0, Topics).Select(_ => new ModelTopic(Drafts.NewTopic("model"), IBackend.HistoryLength))];
        var (a, b) = (_topics[0], _topics[1]);
        _clients = [new("one", [a]), new("both", [a, b]), new("other way round", [b, a]), new("two", [b])];
    }

    private OpenStreams Streams => _services.GetRequiredService<OpenStreams>();

    private ConnectionRegistry Registry => _services.GetRequiredService<ConnectionRegistry>();

    public async Task RunAsync(Scenario scenario)
    {
        await Registry.StartAsync(CancellationToken.None);
        await _services.GetRequiredService<Reconciler>().StartAsync(CancellationToken.None);
        foreach (var step in scenario.Steps)
        {
            await TakeAsync(step);
            Array.ForEach(_clients, client => client.Read());
        }

        await SettleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Array.ForEach(_clients, client => client.Drop());
        await _services.GetRequiredService<Reconciler>().StopAsync(CancellationToken.None);
        await Registry.StopAsync(CancellationToken.None);

        // Ends with an error instead of never where the hub's threads block each other.
        await Task.Run(async () => await _services.DisposeAsync()).WaitAsync(EndDeadline);
        await _backend.DisposeAsync();
    }

    // Small bounds and short times, so that what is rare in production happens in every scenario.
    private static void Set(SseOptions options)
    {
        options.Reconcile = TimeSpan.FromMilliseconds(100);
        options.TopicLinger = TimeSpan.Zero;
        options.MaxQueuedEvents = 40;
        options.Dispatchers = 2;
    }

    private async Task TakeAsync(ModelStep step)
    {
        var (topic, client) = (_topics[step.Who % Topics], _clients[step.Who % Clients]);
        switch (step.Act)
        {
            case Act.Publish:
                await PublishAsync(topic, step.Count, durable: true);
                break;
            case Act.PublishPlain:
                await PublishAsync(topic, step.Count, durable: false);
                break;
            case Act.Connect:
                client.Connect(Streams, Registry);
                break;
            case Act.Drop:
                client.Drop();
                break;
            case Act.Stall:
                client.Stall();
                break;
            case Act.Deafen:
                _backplane.Deaf = _backplane.Deaf.Contains(topic.Name) ? [] : new HashSet<string> { topic.Name };
                break;
            case Act.SlowReads:
                _backplane.IsSlow = !_backplane.IsSlow;
                break;
            case Act.Settle:
                await SettleAsync();
                break;
            default:
                await HarmAsync(step, topic);
                break;
        }
    }

    private async Task HarmAsync(ModelStep step, ModelTopic topic)
    {
        switch (step.Act)
        {
            case Act.Trim:
                await _backend.TrimAsync(topic, _topics, step.Count % 3);
                break;
            case Act.Flush:
                await _backend.FlushAsync();
                Array.ForEach(_topics, each => each.Flush());
                break;
            case Act.Restart:
                await _backend.RestartAsync();
                break;
            case Act.Outage when _backplane.IsOut:
                _backplane.Restore();
                break;
            default:
                _backplane.Fail();
                break;
        }
    }

    private async Task PublishAsync(ModelTopic topic, int count, bool durable)
    {
        for (var i = 0; i < count && !_backplane.IsOut; i++)
        {
            var number = ++_published;
            var data = durable ? $"\"{topic.Name}/{number}\"" : $"\"plain/{number}\"";
            var draft = new SseEvent(topic.Name, Encoding.UTF8.GetBytes(data)) { Durable = durable, Key = $"{number}" };
            if (await PublishAsync(draft) is { IsNone: false } position)
                topic.Published(position, data);
        }
    }

    /// <summary>Repeats until it is acknowledged, as a restart needs it; the key keeps it from being published twice.</summary>
    private async Task<EventPosition> PublishAsync(SseEvent draft)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return (await _backplane.PublishAsync([draft], TestContext.Current.CancellationToken))[0].Position;
            }
            catch (SseUnavailableException) when (TimeProvider.System.GetElapsedTime(start) < EndDeadline)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    private async Task SettleAsync()
    {
        _backplane.Deaf = new HashSet<string>();
        _backplane.IsSlow = false;
        _backplane.Restore();
        var start = TimeProvider.System.GetTimestamp();
        while (!Array.TrueForAll(_clients, IsSettled))
        {
            if (TimeProvider.System.GetElapsedTime(start) > _settleDeadline)
                Assert.Fail($"Not everybody has everything: {string.Join("; ", _topics.Select(t => $"{t.Name} ends at {t.Head}"))}; {string.Join("; ", (object[])_clients)}");
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }
    }

    private bool IsSettled(ModelClient client)
    {
        client.Stall(stalled: false);
        client.Connect(Streams, Registry);
        client.Read();
        return client.IsComplete();
    }
}
