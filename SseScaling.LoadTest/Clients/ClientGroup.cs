namespace SseScaling.LoadTest.Clients;

/// <summary>A receive loop with its clients and the thread that drives both.</summary>
internal sealed class ClientGroup : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <summary>A group without clients yet.</summary>
    /// <param name="number">Names the thread.</param>
    /// <param name="context">What its clients share.</param>
    public ClientGroup(int number, ClientContext context)
    {
        Context = context;
        _thread = new Thread(Drive) { IsBackground = true, Name = $"receive-{number}" };
    }

    /// <summary>What the clients share.</summary>
    public ClientContext Context { get; }

    /// <summary>The clients; filled before <see cref="Start"/>.</summary>
    public List<Client> Clients { get; } = [];

    /// <summary>Guards clients and counters.</summary>
    public Lock Gate => Context.Loop.Gate;

    /// <summary>Why the loop's thread ended before its time, if it did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Closes every connection and ends the thread.</summary>
    public void Dispose()
    {
        _stopped = true;
        if (_thread.IsAlive) _thread.Join();
        lock (Gate)
        {
            Context.Reconnecting = false;
            foreach (var client in Clients) client.Stop();
        }
        Context.Loop.Dispose();
    }

    private void Drive()
    {
        try
        {
            while (!_stopped)
            {
                TimeSpan wait;
                lock (Gate) wait = Context.Timers.Run();
                Context.Loop.Poll(wait);
            }
        }
        catch (Exception problem)
        {
            // The edge of the thread: the run reports it and ends, instead of the process crashing without a report.
            Failure = problem;
        }
    }
}
