using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Clients;

/// <summary>How a client behaves.</summary>
internal enum Manner
{
    /// <summary>Reads, stays, reconnects if it is disconnected.</summary>
    Steady,

    /// <summary>Reads, but drops its connection now and then and resumes with its last id.</summary>
    Dropping,

    /// <summary>Opens a stream and never reads from it.</summary>
    Slow,
}

/// <summary>What is the same for every client of one receive loop.</summary>
/// <param name="Loop">Moves the bytes.</param>
/// <param name="Counters">Takes the numbers.</param>
/// <param name="Timers">Wakes clients up.</param>
/// <param name="Run">This run's name in its events; empty to accept the events of any run.</param>
/// <param name="Randomness">Spreads drops over time.</param>
/// <param name="DropEvery">How long a dropping client stays on average.</param>
/// <param name="DropPause">How long a dropping client is away.</param>
internal sealed record ClientContext(
    SocketLoop Loop, ClientCounters Counters, ClientTimers Timers, byte[] Run, Random Randomness, TimeSpan DropEvery, TimeSpan DropPause)
{
    /// <summary>Only events due at or after this moment count for latency: before, the server is warming up.</summary>
    public long MeasureFrom { get; set; } = long.MaxValue;

    /// <summary>Events due after this moment do not count for latency.</summary>
    public long MeasureTo { get; set; } = long.MaxValue;

    /// <summary>Whether publishing has begun: a stream opened before must get every event from the first.</summary>
    public bool Publishing { get; set; }

    /// <summary>Whether clients drop their connections.</summary>
    public bool Dropping { get; set; } = true;

    /// <summary>Whether lost or dropped streams are opened again.</summary>
    public bool Reconnecting { get; set; } = true;
}

/// <summary>
/// One browser: opens its stream, checks what arrives, comes back with Last-Event-ID after a disconnect. Everything happens under its
/// loop's gate.
/// </summary>
/// <param name="context">What it shares with the other clients of its loop.</param>
/// <param name="slot">Its place in the loop.</param>
/// <param name="topic">What is published to its topic.</param>
/// <param name="route">Where it connects to.</param>
/// <param name="request">The request up to and without the Last-Event-ID line.</param>
/// <param name="manner">How it behaves.</param>
internal sealed class Client(ClientContext context, int slot, TopicLedger topic, Route route, byte[] request, Manner manner) : IConnection, ISseSink
{
    private const int MaxId = 4096;

    // A server that accepts and then says nothing must not hold a client for ever.
    private static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(1);

    private HttpStream _http;
    private SseParser _parser;
    private SequenceCheck _check = new(-1);
    private byte[] _lastId = [];
    private int _lastIdLength;
    private TimeSpan _retry = TimeSpan.FromSeconds(1);
    private long _startedAt;
    private long _absentUntil;
    private int _attempt;
    private bool _opening;

    /// <inheritdoc />
    public int Slot => slot;

    /// <summary>How it behaves.</summary>
    public Manner Manner => manner;

    /// <summary>Whether its stream is open.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Whether its stream was open at any time.</summary>
    public bool EverUp { get; private set; }

    /// <summary>Whether it is back and has everything that was published, as far as it can tell.</summary>
    public bool IsComplete => manner == Manner.Slow || !EverUp || (IsUp && (_check.Next < 0 || _check.Next >= topic.ConfirmedEnd()));

    /// <summary>Opens the stream, or opens it again.</summary>
    public void Connect()
    {
        _attempt++;
        _opening = true;
        _startedAt = Clock.Now;
        _http.Reset();
        _parser.Reset();
        context.Timers.Add(this, ClientTimer.HeadTimeout, _attempt, HeadTimeout);
        context.Loop.Connect(this, route);
    }

    /// <summary>A timer of this client is due.</summary>
    public void Due(ClientTimer timer, int attempt)
    {
        if (attempt != _attempt) return;
        if (timer == ClientTimer.Connect) Connect();
        else if (timer == ClientTimer.Drop) Drop(context.DropPause);
        else if (_opening) Fail($"no answer within {HeadTimeout.TotalSeconds:0} s");
    }

    /// <summary>Drops the connection as a browser does that loses its network, and comes back after <paramref name="pause"/>.</summary>
    public void Drop(TimeSpan pause)
    {
        if (!IsUp || !context.Dropping) return;
        context.Counters.Dropped++;
        Down();
        context.Loop.Close(this, abort: true);
        _absentUntil = long.MaxValue;
        context.Timers.Add(this, ClientTimer.Connect, _attempt, pause);
    }

    /// <summary>Ends for good.</summary>
    public void Stop()
    {
        Down();
        context.Loop.Close(this, abort: true);
    }

    /// <summary>What never came; call it when nothing more can come.</summary>
    public (long Lost, long Announced) Settle() => manner == Manner.Slow || !EverUp ? default : _check.Settle(topic);

    /// <inheritdoc />
    public void Connected()
    {
        var known = _lastIdLength > 0;
        Span<byte> bytes = stackalloc byte[request.Length + _lastIdLength + 32];
        request.CopyTo(bytes);
        var length = request.Length;
        if (known)
        {
            "Last-Event-ID: "u8.CopyTo(bytes[length..]);
            _lastId.AsSpan(0, _lastIdLength).CopyTo(bytes[(length + 15)..]);
            "\r\n"u8.CopyTo(bytes[(length + 15 + _lastIdLength)..]);
            length += 17 + _lastIdLength;
        }
        "\r\n"u8.CopyTo(bytes[length..]);
        if (!context.Loop.Send(this, bytes[..(length + 2)])) Fail("the request could not be sent");
    }

    /// <inheritdoc />
    public void Received(ReadOnlySpan<byte> bytes)
    {
        context.Counters.Bytes += bytes.Length;
        while (!bytes.IsEmpty)
        {
            var body = _http.Next(ref bytes);
            if (!IsUp && _http.Head is { } head && !Accept(head)) return;
            if (!_parser.Feed(body, this)) { Fail("an event of more than 4 MiB"); return; }
        }
        if (_http.Ended) Fail(null);
        else if (_http.Broken) Fail("what came is no HTTP/1.1");
    }

    /// <inheritdoc />
    public void Closed(string? reason)
    {
        var counters = context.Counters;
        if (IsUp) counters.ClosedByServer++;
        else counters.ConnectFailures++;
        counters.LastProblem = reason ?? (IsUp ? "the server ended the stream" : "the server closed the connection without an answer");
        var wait = IsUp ? _retry : RetryAfterFailure;
        _opening = false;
        Down();
        if (context.Reconnecting && manner != Manner.Slow) context.Timers.Add(this, ClientTimer.Connect, _attempt, wait);
    }

    /// <inheritdoc />
    public void OnRetry(int milliseconds) => _retry = TimeSpan.FromMilliseconds(milliseconds);

    /// <inheritdoc />
    public void OnComment() => context.Counters.Comments++;

    /// <inheritdoc />
    public void OnEvent(in SseEvent received)
    {
        if (received.HasId) KeepId(received.Id);
        if (received.Name.SequenceEqual("gap"u8)) OnGap();
        else if (received.Data.IsEmpty) return;
        else if (!EventPayload.TryRead(received.Data, out var payload)) context.Counters.Foreign++;
        else if (!payload.Topic.SequenceEqual(topic.NameBytes)) context.Counters.Misrouted++;
        else if (context.Run.Length == 0) Count(payload, (Clock.UnixMicroseconds - payload.UnixMicroseconds) * 1000);
        else if (payload.Run.SequenceEqual(context.Run)) Count(payload, context.Loop.ReceivedAt - payload.Sent);
        else context.Counters.Foreign++;
    }

    private void Count(in EventPayload payload, long latency)
    {
        var counters = context.Counters;
        counters.Received++;
        switch (_check.Accept(payload.Sequence))
        {
            case Arrival.Ahead: counters.UnexpectedGaps++; break;
            case Arrival.Late: counters.Misordered++; break;
            case Arrival.Repeated: counters.Repeated++; return;
        }
        var due = context.Loop.ReceivedAt - latency;
        if (due < context.MeasureFrom || due >= context.MeasureTo) return;
        counters.LastArrival = context.Loop.ReceivedAt;
        // What was published while this tool kept the client away says nothing about the server's latency, only how fast it catches up.
        if (due < _absentUntil) counters.CatchUp.Record(context.Loop.ReceivedAt - _startedAt);
        else counters.Latency.Record(latency);
    }

    private void OnGap()
    {
        context.Counters.GapEvents++;
        _check.Gap();
    }

    private void KeepId(ReadOnlySpan<byte> id)
    {
        // No server takes a longer header; resuming from the id before shows as repeated events.
        if (id.Length > MaxId) return;
        // Room for a longer one: positions grow by a digit now and then.
        if (id.Length > _lastId.Length) _lastId = new byte[id.Length + 8];
        id.CopyTo(_lastId);
        _lastIdLength = id.Length;
    }

    private bool Accept(ResponseHead head)
    {
        if (!head.IsEventStream)
        {
            Refused(head);
            return false;
        }
        (IsUp, _opening) = (true, false);
        context.Counters.Connected++;
        context.Counters.Connect.Record(Clock.Now - _startedAt);
        if (EverUp) context.Counters.Reconnects++;
        if (!EverUp) _check = new SequenceCheck(context.Publishing ? -1 : 0);
        else if (_lastIdLength == 0 && (context.Publishing || _check.Next != 0)) _check.Forget();
        if (_absentUntil == long.MaxValue) _absentUntil = _startedAt;
        EverUp = true;
        if (manner == Manner.Slow) context.Loop.StopReading(this);
        if (manner == Manner.Dropping) context.Timers.Add(this, ClientTimer.Drop, _attempt, context.DropEvery * (0.5 + context.Randomness.NextDouble()));
        return true;
    }

    private void Refused(ResponseHead head)
    {
        _opening = false;
        context.Counters.ConnectFailures++;
        context.Counters.LastProblem = $"the server answered {head.Status} {head.ContentType}".TrimEnd();
        context.Loop.Close(this);
        if (!context.Reconnecting) return;
        var wait = head.RetryAfter is { } told && told < LongestRetryAfter ? told : RetryAfterFailure;
        context.Timers.Add(this, ClientTimer.Connect, _attempt, wait);
    }

    private void Fail(string? reason)
    {
        context.Loop.Close(this);
        Closed(reason);
    }

    private void Down()
    {
        if (!IsUp) return;
        IsUp = false;
        context.Counters.Connected--;
    }
}
