using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Options;

namespace SseScaling.LoadTest.Clients;

/// <summary>All clients, spread over the receive loops.</summary>
internal sealed class ClientPopulation : IDisposable
{
    private const int SlowReceiveBuffer = 4096;

    private readonly List<ClientGroup> _groups = [];
    private readonly List<Client> _clients = [];

    /// <summary>Makes the clients; nobody connects yet.</summary>
    /// <param name="options">The run.</param>
    /// <param name="targets">The servers.</param>
    /// <param name="topics">What the clients listen to, in turn.</param>
    /// <param name="run">This run's name, or empty to accept any.</param>
    public ClientPopulation(RunOptions options, IReadOnlyList<Target> targets, IReadOnlyList<TopicLedger> topics, byte[] run)
    {
        var threads = Math.Min(options.Connections, options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount / 2));
        var capacity = (options.Connections + threads - 1) / threads;
        for (var i = 0; i < threads; i++)
        {
            // One place more: the probe's.
            var loop = SocketLoop.Create(capacity + 1, options.Portable);
            var context = new ClientContext(loop, new ClientCounters(), new ClientTimers(), run, new Random(i), options.DropEvery, options.DropPause);
            _groups.Add(new ClientGroup(i, context));
        }
        var sources = Targets.Sources(options, targets);
        for (var i = 0; i < options.Connections; i++) Add(options, targets, topics, sources, i);
        Probe = new SelfProbe(_groups[0], capacity);
    }

    /// <summary>Measures this tool itself.</summary>
    public SelfProbe Probe { get; }

    /// <summary>How many receive threads there are.</summary>
    public int Threads => _groups.Count;

    /// <summary>How many clients never read.</summary>
    public int Slow => _clients.Count(client => client.Behavior == ClientBehavior.Slow);

    /// <summary>How many drop and resume.</summary>
    public int Dropping => _clients.Count(client => client.Behavior == ClientBehavior.Dropping);

    /// <summary>Why a receive thread ended before its time, if one did.</summary>
    public Exception? Failure => _groups.Select(group => group.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>How many streams are open.</summary>
    public int Connected => _groups.Sum(group => Volatile.Read(ref group.Context.Counters.Connected));

    /// <summary>Begins to open streams, so many per second.</summary>
    public void Start(double ramp)
    {
        for (var i = 0; i < _clients.Count; i++)
        {
            _groups[i % _groups.Count].Context.Timers.Add(_clients[i], ClientTimer.Connect, 0, TimeSpan.FromSeconds(i / ramp));
        }
        foreach (var group in _groups) group.Start();
        Probe.Start();
    }

    /// <summary>Changes what the clients of every loop share.</summary>
    public void Configure(Action<ClientContext> change)
    {
        foreach (var group in _groups)
        {
            lock (group.Gate) change(group.Context);
        }
    }

    /// <summary>Cuts everyone off; everyone comes back at once.</summary>
    public void Storm()
    {
        foreach (var group in _groups)
        {
            lock (group.Gate)
            {
                foreach (var client in group.Clients.Where(client => client.Behavior != ClientBehavior.Slow)) client.Drop(TimeSpan.Zero);
            }
        }
    }

    /// <summary>Whether every client that ever had a stream has all confirmed events.</summary>
    public bool IsComplete() => All(client => client.IsComplete);

    /// <summary>How many had a stream at any time.</summary>
    public int EverConnected()
    {
        var count = 0;
        All(client => { if (client.EverUp) count++; return true; });
        return count;
    }

    /// <summary>Reads the counters; histograms are moved into <paramref name="total"/> and start again.</summary>
    public void Take(ClientCounters total)
    {
        foreach (var group in _groups)
        {
            lock (group.Gate) group.Context.Counters.MoveTo(total);
        }
    }

    /// <summary>What never came, over all clients. Call it when nothing more can come.</summary>
    public (long Lost, long Announced) Settle()
    {
        long lost = 0, announced = 0;
        All(client =>
        {
            var missing = client.Settle();
            lost += missing.Lost;
            announced += missing.Announced;
            return true;
        });
        return (lost, announced);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Probe.Dispose();
        foreach (var group in _groups) group.Dispose();
    }

    private void Add(RunOptions options, IReadOnlyList<Target> targets, IReadOnlyList<TopicLedger> topics, IReadOnlyList<System.Net.IPAddress> sources, int number)
    {
        var group = _groups[number % _groups.Count];
        var target = targets[number % targets.Count];
        var source = sources.Count == 0 ? null : sources[number / targets.Count % sources.Count];
        var slow = IsChosen(number, options.Slow);
        var behavior = slow ? ClientBehavior.Slow : IsChosen(number + 1, options.Drop) ? ClientBehavior.Dropping : ClientBehavior.Steady;
        var route = new Route(target.EndPoint, source, slow ? SlowReceiveBuffer : 0);
        var topic = number % topics.Count;
        var client = new Client(group.Context, group.Clients.Count, topics[topic], route, StreamRequest.Head(options, target, topic), behavior);
        group.Clients.Add(client);
        _clients.Add(client);
    }

    // Spreads a share evenly: of 10 % every tenth.
    private static bool IsChosen(int number, double share) => Math.Floor((number + 1) * share) > Math.Floor(number * share);

    private bool All(Func<Client, bool> holds)
    {
        foreach (var group in _groups)
        {
            lock (group.Gate)
            {
                foreach (var client in group.Clients)
                {
                    if (!holds(client)) return false;
                }
            }
        }
        return true;
    }
}
