using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Clients;

/// <summary>
/// One browser: opens its stream, checks what arrives, comes back with Last-Event-ID after a disconnect. Everything happens under its
/// loop's gate.
/// </summary>
/// <param name="context">What it shares with the other clients of its loop.</param>
/// <param name="slot">Its place in the loop.</param>
/// <param name="topic">What is published to its topic.</param>
/// <param name="route">Where it connects to.</param>
/// <param name="request">The request up to and without the Last-Event-ID line.</param>
/// <param name="behavior">How it behaves.</param>
internal sealed partial class Client(ClientContext context, int slot, TopicLedger topic, Route route, byte[] request, ClientBehavior behavior) : IConnection
{
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
    public ClientBehavior Behavior => behavior;

    /// <summary>Whether its stream is open.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Whether its stream was open at any time.</summary>
    public bool EverUp { get; private set; }

    /// <summary>Whether it is back and has everything that was published, as far as it can tell.</summary>
    public bool IsComplete => behavior == ClientBehavior.Slow || !EverUp || (IsUp && (_check.Next < 0 || _check.Next >= topic.ConfirmedEnd()));

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
    public (long Lost, long Announced) Settle() => behavior == ClientBehavior.Slow || !EverUp ? default : _check.Settle(topic);

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
        if (context.Reconnecting && behavior != ClientBehavior.Slow) context.Timers.Add(this, ClientTimer.Connect, _attempt, wait);
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
        if (behavior == ClientBehavior.Slow) context.Loop.StopReading(this);
        if (behavior == ClientBehavior.Dropping) context.Timers.Add(this, ClientTimer.Drop, _attempt, context.DropEvery * (0.5 + context.Randomness.NextDouble()));
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
