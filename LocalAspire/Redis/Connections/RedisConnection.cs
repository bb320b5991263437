using System.Net;

namespace StackExchange.Redis;

/// <summary>
/// One open connection. Callers write into a buffer; one flush sends whatever has gathered meanwhile. Replies come in the order of
/// the commands and are handed out by the reader; what is not a reply but a published message goes to the receiver.
/// </summary>
internal sealed partial class RedisConnection : IThreadPoolWorkItem
{
    // More unsent bytes than this mean that the server does not read: time-outs alone would let the buffer grow for seconds.
    private const int MostUnsent = 64 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly ReplyQueue _waiting = new();
    private readonly Stream _stream;
    private readonly MessageReceiver? _receiver;
    private readonly TaskCompletionSource<RedisConnectionException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ByteBuffer _unsent = new();
    private ByteBuffer _sending = new();
    private bool _flushing;
    private RedisConnectionException? _failure;
    private long _lastRead = Environment.TickCount64;
    private long _lastWrite = Environment.TickCount64;

    private RedisConnection(Stream stream, EndPoint endPoint, MessageReceiver? receiver)
    {
        _stream = stream;
        _receiver = receiver;
        EndPoint = endPoint;
    }

    internal EndPoint EndPoint { get; }

    /// <summary>Completes with the reason when the connection has ended.</summary>
    internal Task<RedisConnectionException> Ended => _ended.Task;

    /// <summary>Whether the server has stopped reading and no more commands are taken.</summary>
    internal bool IsFull
    {
        get
        {
            lock (_gate)
                return _failure is null && _unsent.Length > MostUnsent;
        }
    }

    /// <summary>Writes a command, unless the connection has ended or is full.</summary>
    /// <param name="request">The complete command.</param>
    /// <param name="reply">What to do with the reply.</param>
    /// <param name="source">The completion source, or null if nobody waits.</param>
    internal bool TrySend(ReadOnlySpan<byte> request, Reply reply, object? source)
    {
        Flush flush;
        lock (_gate)
        {
            if (_failure is not null || _unsent.Length > MostUnsent)
                return false;

            flush = Append(request, reply, source);
        }

        Start(flush);
        return true;
    }

    /// <summary>Writes commands one right behind the other, and returns how many: less than all if the connection has ended or is full.</summary>
    internal int TrySendAll(IReadOnlyList<WaitingCommand> commands)
    {
        var sent = 0;
        lock (_gate)
        {
            while (sent < commands.Count && _failure is null && _unsent.Length <= MostUnsent)
            {
                // The first one's flush waits for the lock, and so takes all of them.
                if (Append(commands[sent].Request, commands[sent].Reply, commands[sent].Source) != Flush.Running)
                    Start(Flush.ByPool);

                sent++;
            }
        }

        return sent;
    }

    /// <summary>Ends the connection: every command that waits for a reply fails with this reason.</summary>
    internal void End(RedisConnectionException reason)
    {
        var failed = new List<ReplyQueue.Entry>();
        lock (_gate)
        {
            if (_failure is not null)
                return;

            _failure = reason;
            while (_waiting.TryDequeue(out var entry))
                failed.Add(entry);
        }

        _stream.Dispose();
        foreach (var entry in failed)
            entry.Reply.Fail(entry.Source, new RedisConnectionException(reason.FailureType, reason.Message, reason.InnerException, CommandStatus.Sent));

        _ended.TrySetResult(reason);
    }

    /// <summary>Fails what has waited too long, and keeps the connection alive or ends it. Called several times a second.</summary>
    internal void Check(long now, int timeout, int keepAliveSeconds)
    {
        var expired = new List<ReplyQueue.Entry>();
        bool dead, idle;
        lock (_gate)
        {
            while (_waiting.TryExpire(now - timeout, out var entry))
                expired.Add(entry);

            var silence = now - Volatile.Read(ref _lastRead);
            dead = _waiting.HasExpired && silence > 4L * timeout;
            idle = keepAliveSeconds > 0 && now - Math.Max(_lastWrite, _lastRead) >= keepAliveSeconds * 1000L && _waiting.Count == 0;
        }

        foreach (var entry in expired)
            entry.Reply.Fail(entry.Source, new RedisTimeoutException($"No reply from {EndPoint} within {timeout} ms.", CommandStatus.Sent));

        // As the true client: nothing at all for four time-outs while replies are due means that the link is dead.
        if (dead)
            End(new RedisConnectionException(ConnectionFailureType.SocketFailure, $"{EndPoint} has not answered for {4L * timeout} ms."));
        else if (idle)
            TrySend("*1\r\n$4\r\nPING\r\n"u8, Replies.Ignored, null);
    }

    void IThreadPoolWorkItem.Execute() => _ = FlushAsync();

    private Flush Append(ReadOnlySpan<byte> request, Reply reply, object? source)
    {
        _unsent.Append(request);
        _waiting.Enqueue(reply, source, Environment.TickCount64);
        if (_flushing)
            return Flush.Running;

        _flushing = true;
        return _waiting.Count == 1 ? Flush.ByCaller : Flush.ByPool;
    }

    private void Start(Flush flush)
    {
        if (flush == Flush.ByCaller)
            _ = FlushAsync();
        else if (flush == Flush.ByPool)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private async Task FlushAsync()
    {
        try
        {
            while (TakeUnsent())
            {
                await _stream.WriteAsync(_sending.WrittenMemory);
                _sending.Clear();
            }
        }
        catch (Exception e)
        {
            // Nobody awaits a flush; those who wait for replies must hear of it, whatever it is.
            End(new RedisConnectionException(ConnectionFailureType.SocketFailure, $"Writing to {EndPoint} failed: {e.Message}", e));
        }
    }

    private bool TakeUnsent()
    {
        lock (_gate)
        {
            if (_unsent.Length == 0)
                return _flushing = false;

            (_unsent, _sending) = (_sending, _unsent);
            _lastWrite = Environment.TickCount64;
            return true;
        }
    }

    private enum Flush
    {
        /// <summary>One is on its way and will take this command as well.</summary>
        Running,

        /// <summary>Nothing is in flight, so there is nobody to share a write with: the caller writes at once.</summary>
        ByCaller,

        /// <summary>The pool's shared queue runs it behind the callers that are about to add more: one write for all of them.</summary>
        ByPool,
    }
}
