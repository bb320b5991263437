using System.Net;
using SseScaling.Hosting;
using SseScaling.Protocol;

namespace SseScaling.Connections;

/// <summary>One client's stream: a bounded queue in front of a way to the client, which the subclasses know.</summary>
/// <remarks>
/// <see cref="Send"/> never blocks and never waits for the client: what the client does not take waits in the backlog, and a client that
/// exceeds its bound is ended. Every member may be called from any thread; frames go out in the order of the calls.
/// </remarks>
internal abstract class Connection
{
    /// <summary>
    /// The most that the system keeps for a client beside its backlog (SO_SNDBUF, which the system doubles for its own bookkeeping): left to itself it takes megabytes for
    /// one that does not read.
    /// </summary>
    public const int MaxKernelBytes = 128 << 10;

    // What a client must take within the write time-out, unless less waits: one that reads a byte now and then would hold its bound for ever.
    private const int Progress = 4096;

    private readonly Lock _gate = new();
    private readonly ConnectionRegistry _registry;
    private Backlog? _backlog;
    private TaskCompletionSource? _drained;
    private int _taken;
    private volatile State _state;

    /// <param name="registry">Counts the connection.</param>
    /// <param name="label">What the log calls the client.</param>
    /// <param name="user">The user whose stream it is; null for a stream of any topics.</param>
    protected Connection(ConnectionRegistry registry, string label, string? user)
    {
        _registry = registry;
        Label = label;
        User = user;
        Number = registry.NextNumber();
        StartedAt = LastWriteAt = Time.Milliseconds();
    }

    private enum State : byte
    {
        Open,
        Closing,
        Ended,
    }

    /// <summary>Number within this process, in the order of connecting.</summary>
    public long Number { get; }

    /// <summary>What the log calls the client: the user or the topics.</summary>
    public string Label { get; }

    /// <summary>The user whose stream it is; null for a stream of any topics.</summary>
    public string? User { get; }

    /// <summary>How the client takes an id that comes without an event. Set before anything is sent.</summary>
    public PositionForm PositionForm { get; set; }

    /// <summary>What the client is served with; null before that begins. Set once.</summary>
    public IConnectionStream? Stream { get; set; }

    /// <summary>What the stream's time is measured by.</summary>
    public TimeProvider Time => _registry.Time;

    /// <summary>When the stream began (<see cref="Clock"/>, ms).</summary>
    public long StartedAt { get; }

    /// <summary>When the client last took something (<see cref="Clock"/>, ms).</summary>
    public long LastWriteAt { get; private set; }

    /// <summary>Since when the client takes too little of what waits for it (<see cref="Clock"/>, ms): since it began to wait, or the last time that the client made progress.</summary>
    public long WaitingSince { get; private set; }

    /// <summary>Since when its client has its last frames to take (<see cref="Clock"/>, ms); meaningful while <see cref="IsEnding"/>.</summary>
    public long EndingSince { get; private set; }

    /// <summary>When the maximum lifetime ends the stream (<see cref="Clock"/>, ms); <see cref="long.MaxValue"/>: never.</summary>
    public long LifetimeEndsAt { get; set; } = long.MaxValue;

    /// <summary>The place that its address has taken: <see cref="AddressPlaces"/>.</summary>
    public IPAddress? AddressPlace { get; set; }

    /// <summary>By what right the stream is open; null: nobody asks for one. A newer one takes its place.</summary>
    public StreamRight? Right { get; set; }

    /// <summary>Why the stream ended; meaningful once it did.</summary>
    public SseDisconnectReason Reason { get; private set; }

    /// <summary>Whether something waits for the client.</summary>
    public bool HasBacklog => _backlog is { IsEmpty: false };

    /// <summary>Whether the stream is over, or ends once the client took what waits.</summary>
    public bool IsEnding => _state != State.Open;

    /// <summary>Whether the stream is over.</summary>
    public bool IsEnded => _state == State.Ended;

    /// <summary>Guards the stream's state and its way to the client. Reentrant; nothing is awaited or logged under it.</summary>
    protected Lock Gate => _gate;

    /// <summary>The registry that counts this connection.</summary>
    protected ConnectionRegistry Registry => _registry;

    /// <summary>Sends a frame, or queues it. False when the stream is over.</summary>
    public bool Send(Frame frame)
    {
        if (Right is { } right && Time.Milliseconds() >= right.OverAt)
        {
            _registry.End(this, SseDisconnectReason.TokenExpired);
            return false;
        }

        SseDisconnectReason failure;
        lock (_gate)
        {
            if (_state != State.Open)
                return false;
            if (Enqueue(frame) is not { } reason)
                return true;
            failure = reason;
        }

        End(failure);
        return false;
    }

    /// <summary>Ends the stream at once; what waits is dropped. Only the first call counts.</summary>
    public void End(SseDisconnectReason reason) => End(reason, graceful: false);

    /// <summary>Ends the stream after a last frame, once the client took everything; <see cref="ConnectionRegistry"/> cuts it when that takes too long.</summary>
    public void End(SseDisconnectReason reason, Frame farewell)
    {
        lock (_gate)
        {
            if (_state != State.Open)
                return;
            Reason = reason;
            EndingSince = Time.Milliseconds();
            _state = State.Closing;
            if (Enqueue(farewell) is null && HasBacklog)
                return;
        }

        End(Reason, graceful: true);
    }

    /// <summary>Completes when at most half of the bound waits for the client, or when the stream is over.</summary>
    public Task WhenReadyForMoreAsync()
    {
        lock (_gate)
        {
            if (_state != State.Open || _backlog is null || _backlog.Bytes <= _registry.Options.MaxQueuedBytes / 2)
                return Task.CompletedTask;
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>Takes from the request what the stream needs, before anything is sent; false when the client is gone, and nothing began.</summary>
    /// <param name="context">The request, whose answer has its headers but has not begun.</param>
    public virtual Task<bool> TryBeginAsync(HttpContext context) => Task.FromResult(true);

    /// <summary>Serves the stream, which has its place and its subscriptions; completes when the request may end.</summary>
    public virtual Task RunAsync() => Task.CompletedTask;

    /// <summary>The stream's first frame.</summary>
    /// <param name="id">Where the stream begins; null while that is unknown.</param>
    public virtual Frame Preamble(string? id) => ControlFrames.Text(ControlFrames.Preamble(_registry.Options.Retry, id, PositionForm));

    /// <summary>Writes what the client takes at once, without waiting. Called under the lock, only while nothing waits.</summary>
    /// <returns>How many bytes were written, 0 to all; -1 when the connection failed.</returns>
    protected abstract int TryWrite(ReadOnlySpan<byte> bytes);

    /// <summary>Called under the lock after something was put into an empty backlog: the subclass starts to write it.</summary>
    protected abstract void StartDraining();

    /// <summary>Called under the lock once nothing waits any more.</summary>
    protected virtual void StopDraining()
    {
    }

    /// <summary>Closes the way to the client. Called once, outside the lock.</summary>
    protected abstract void Close(bool graceful);

    /// <summary>Lists what waits; for the subclass's writer.</summary>
    protected bool TakePieces(List<ArraySegment<byte>> pieces, int max)
    {
        lock (_gate)
        {
            _backlog?.CopyTo(pieces, max);
            return pieces.Count > 0;
        }
    }

    /// <summary>Tells that the client took bytes of the backlog. Returns whether more waits.</summary>
    protected bool Wrote(int bytes)
    {
        lock (_gate)
        {
            if (_backlog is null)
                return false;
            LastWriteAt = Time.Milliseconds();
            if ((_taken += bytes) >= Progress)
                (_taken, WaitingSince) = (0, LastWriteAt);
            _registry.Metrics.QueuedBytes(-bytes);
            _registry.Metrics.Delivered(_backlog.Written(bytes));
            if (_backlog.Bytes <= _registry.Options.MaxQueuedBytes / 2)
            {
                _drained?.TrySetResult();
                _drained = null;
            }

            if (!_backlog.IsEmpty)
                return true;
            StopDraining();
            if (_state != State.Closing)
                return false;
        }

        End(Reason, graceful: true);
        return false;
    }

    /// <summary>Called once, outside the lock, when the stream is over and its way to the client is closed.</summary>
    protected virtual void OnEnded() => _registry.Ended(this);

    /// <summary>Writes what waits as far as the client takes it; for a subclass whose <see cref="TryWrite"/> writes.</summary>
    /// <param name="buffer">Where small frames become one write.</param>
    protected void WriteBacklog(Span<byte> buffer)
    {
        int written;
        do
        {
            lock (_gate)
            {
                if (!HasBacklog)
                    return;
                written = TryWrite(buffer[.._backlog!.CopyTo(buffer)]);
            }

            if (written < 0)
                End(SseDisconnectReason.Client);
        }
        while (written > 0 && Wrote(written));
    }

    private SseDisconnectReason? Enqueue(Frame frame)
    {
        var written = 0;
        var idle = !HasBacklog;
        if (idle)
        {
            written = TryWrite(frame.Span);
            if (written < 0)
                return SseDisconnectReason.Client;
            if (written > 0)
                LastWriteAt = Time.Milliseconds();
            if (written == frame.Length)
            {
                _registry.Metrics.Delivered(frame.Events);
                return null;
            }
        }

        if (idle)
            (_taken, WaitingSince) = (0, Time.Milliseconds());
        _backlog ??= new Backlog();
        _backlog.Add(frame, written);
        _registry.Metrics.QueuedBytes(frame.Length - written);
        if (_backlog.Bytes > _registry.Options.MaxQueuedBytes || _backlog.Events > _registry.Options.MaxQueuedEvents)
            return SseDisconnectReason.SlowConsumer;
        if (idle)
            StartDraining();
        return null;
    }

    private void End(SseDisconnectReason reason, bool graceful)
    {
        lock (_gate)
        {
            if (_state == State.Ended)
                return;
            if (_state == State.Open)
                Reason = reason;
            _state = State.Ended;
            _registry.Metrics.QueuedBytes(-(_backlog?.Bytes ?? 0));
            _backlog = null;
            _drained?.TrySetResult();
        }

        Close(graceful);
        OnEnded();
    }
}
