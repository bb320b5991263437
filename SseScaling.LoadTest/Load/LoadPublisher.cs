using System.Net;
using System.Net.Sockets;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Load;

/// <summary>What became of the events that were published.</summary>
internal sealed class PublishCounters
{
    /// <summary>Events that the server confirmed.</summary>
    public long Accepted;

    /// <summary>Events that it refused, or whose confirmation was lost with a connection: unsure whether they exist.</summary>
    public long Refused;

    /// <summary>The latest reason for that, in words.</summary>
    public string? LastProblem;

    /// <summary>Due time to the server's confirmation.</summary>
    public Histogram Confirmation { get; } = new();

    /// <summary>Adds these numbers to a total.</summary>
    public void AddTo(PublishCounters total)
    {
        total.Accepted += Accepted;
        total.Refused += Refused;
        total.LastProblem = LastProblem ?? total.LastProblem;
        total.Confirmation.Add(Confirmation);
    }
}

/// <summary>
/// One connection on which events are published, in the order in which they are offered. The schedule's thread offers and flushes; the
/// publisher's own thread reads answers and, where the protocol needs it, sends what has come up meanwhile. Events wait while the
/// server is away, and are sent when it is back: their latency has counted since they were due.
/// </summary>
internal abstract class LoadPublisher : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private readonly IPEndPoint _target;
    private Socket? _opening;

    /// <summary>A publisher that is not running yet.</summary>
    protected LoadPublisher(string name, IPEndPoint target)
    {
        _target = target;
        _thread = new Thread(Work) { IsBackground = true, Name = name };
    }

    /// <summary>Guards everything that the two threads share, and <see cref="Counters"/>.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The numbers.</summary>
    public PublishCounters Counters { get; } = new();

    /// <summary>Events that wait for a connection or for the answer before them.</summary>
    protected List<Scheduled> Waiting { get; } = [];

    /// <summary>The connection, once <see cref="Ready"/>. Used under the gate.</summary>
    protected Socket? Connection { get; private set; }

    /// <summary>Whether nothing waits and nothing is without an answer.</summary>
    public abstract bool IsIdle { get; }

    /// <summary>Starts the publisher's thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Takes an event; <see cref="Flush"/> sends it.</summary>
    public void Offer(in Scheduled scheduled)
    {
        lock (Gate) Waiting.Add(scheduled);
    }

    /// <summary>Sends what waits, as far as the protocol allows now.</summary>
    public abstract void Flush();

    /// <summary>Ends the connection and the thread; what has no answer is unsure.</summary>
    public void Dispose()
    {
        _stop.Set();
        lock (Gate) Disconnect();
        if (_thread.IsAlive) _thread.Join();
        lock (Gate) Abandon([.. Waiting], "the run ended before it was sent");
        _stop.Dispose();
    }

    /// <summary>Connects, then reads answers until the connection fails. Throws what the connection throws.</summary>
    protected abstract void RunConnection();

    /// <summary>Connects; only the reader knows the connection until it is <see cref="Ready"/>.</summary>
    protected Socket Open()
    {
        var socket = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        lock (Gate) _opening = socket;
        ObjectDisposedException.ThrowIf(_stop.IsSet, this);
        socket.Connect(_target);
        return socket;
    }

    /// <summary>The connection may be used for sending, and what waits is sent.</summary>
    protected void Ready(Socket socket)
    {
        lock (Gate) Connection = socket;
        Flush();
    }

    /// <summary>Sends all of it; if that fails, the reader is woken to abandon what is in flight and to connect again. Called under the gate.</summary>
    protected void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Connection!.Send(bytes);
        }
        catch (SocketException problem)
        {
            Counters.LastProblem = problem.Message;
            Disconnect();
        }
    }

    /// <summary>Takes back what was sent and has no answer. Called under the gate.</summary>
    protected abstract IReadOnlyCollection<Scheduled> TakeUnanswered();

    /// <summary>The server has this event. Called under the gate.</summary>
    protected void Accept(in Scheduled scheduled, long now)
    {
        Counters.Accepted++;
        Counters.Confirmation.Record(now - scheduled.Due);
    }

    /// <summary>These events may or may not exist. Called under the gate.</summary>
    protected void Abandon(IReadOnlyCollection<Scheduled> scheduled, string problem)
    {
        if (scheduled.Count == 0) return;
        foreach (var one in scheduled) one.Topic.Unsure(one.Sequence);
        Counters.Refused += scheduled.Count;
        Counters.LastProblem = problem;
    }

    private void Disconnect()
    {
        _opening?.Dispose();
        (_opening, Connection) = (null, null);
    }

    private void Work()
    {
        while (!_stop.IsSet)
        {
            try
            {
                RunConnection();
            }
            catch (Exception problem)
            {
                // Whatever ended the connection: its events are unsure, and the next one is tried.
                lock (Gate)
                {
                    Disconnect();
                    if (!_stop.IsSet) Counters.LastProblem = problem.Message;
                    Abandon(TakeUnanswered(), problem.Message);
                }
            }
            _stop.Wait(RetryPause);
        }
    }
}
