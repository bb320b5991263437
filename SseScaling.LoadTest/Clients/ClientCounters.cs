using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Clients;

/// <summary>What the clients of one receive loop saw. Written under the loop's gate.</summary>
internal sealed class ClientCounters
{
    /// <summary>Clients with an open stream now.</summary>
    public int Connected;

    /// <summary>Events of this run (or, without publishing, of any run) that came in.</summary>
    public long Received;

    /// <summary>Events that no load test published, or another one did.</summary>
    public long Foreign;

    /// <summary>Events that came to a client of another topic.</summary>
    public long Misrouted;

    /// <summary>Events that a client had already.</summary>
    public long Repeated;

    /// <summary>Events that came after a later one.</summary>
    public long Misordered;

    /// <summary>Jumps over events, without a gap event that explains it.</summary>
    public long UnexpectedGaps;

    /// <summary>Gap events.</summary>
    public long GapEvents;

    /// <summary>Comment lines: heartbeats.</summary>
    public long Comments;

    /// <summary>Bytes received, head and framing included.</summary>
    public long Bytes;

    /// <summary>Connection attempts that did not end in an event stream.</summary>
    public long ConnectFailures;

    /// <summary>Streams that the server or the network ended.</summary>
    public long ClosedByServer;

    /// <summary>Streams that this tool dropped, to resume them.</summary>
    public long Dropped;

    /// <summary>Streams opened again after one was lost or dropped.</summary>
    public long Reconnects;

    /// <summary>The latest reason why a connection failed or ended, in words; for the report's one sentence.</summary>
    public string? LastProblem;

    /// <summary>Due time to arrival of events that were received live, since the last reading.</summary>
    public Histogram Latency { get; } = new();

    /// <summary>Start of a resumed connection to the arrival of events that were published while it was away on purpose.</summary>
    public Histogram CatchUp { get; } = new();

    /// <summary>Start of a connection to the response's head.</summary>
    public Histogram Connect { get; } = new();

    /// <summary>When the latest counted event arrived.</summary>
    public long LastArrival;

    /// <summary>Adds this loop's numbers to a total, and moves its histograms there.</summary>
    public void MoveTo(ClientCounters total)
    {
        Move(Latency, total.Latency);
        Move(CatchUp, total.CatchUp);
        Move(Connect, total.Connect);
        total.LastArrival = Math.Max(total.LastArrival, LastArrival);
        total.Connected += Connected;
        total.Received += Received;
        total.Foreign += Foreign;
        total.Misrouted += Misrouted;
        total.Repeated += Repeated;
        total.Misordered += Misordered;
        total.UnexpectedGaps += UnexpectedGaps;
        total.GapEvents += GapEvents;
        total.Comments += Comments;
        total.Bytes += Bytes;
        total.ConnectFailures += ConnectFailures;
        total.ClosedByServer += ClosedByServer;
        total.Dropped += Dropped;
        total.Reconnects += Reconnects;
        total.LastProblem = LastProblem ?? total.LastProblem;
    }

    private static void Move(Histogram from, Histogram to)
    {
        to.Add(from);
        from.Clear();
    }
}
