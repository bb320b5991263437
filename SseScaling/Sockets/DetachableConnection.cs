using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace SseScaling.Sockets;

/// <summary>
/// A connection of the web server on a plain descriptor, which can leave it: pipes for the server, backpressure in both directions, FIN and RST as on the
/// server's own transport. Received on the threads of <see cref="SocketWatch"/>, sent by whoever flushes.
/// </summary>
/// <remarks>
/// The descriptor and the state are used under the lock; nothing of the server's or the application's code runs under it, for the pipes hand that to the thread
/// pool. The descriptor is closed once, by <see cref="Shutdown"/>, or belongs to whoever called <see cref="Detach"/>.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed partial class DetachableConnection : DefaultConnectionContext, IDetachableSocketFeature, IMemoryPoolFeature, IWatchedSocket
{
    // Half a block of the server's memory pool: below, a new one is taken.
    private const int LeastBuffer = 2048;

    // One fast sender does not keep the others of its thread waiting.
    private const int ReceivesAtOnce = 16;

    private readonly Lock _gate = new();
    private readonly SocketWatch _watch;
    private readonly int _descriptor;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly DuplexPipe _transport;
    private readonly CancellationTokenSource _closed = new();
    private Task _closedTold = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private State _state;
    private uint _expected;
    private bool _isPaused;
    private bool _isInputOver;
    private ConnectionAbortedException? _reason;

    /// <param name="descriptor">The connected, non-blocking socket, which this object owns.</param>
    /// <param name="local">The server's end.</param>
    /// <param name="remote">The client's end.</param>
    /// <param name="watch">Waits for the socket.</param>
    /// <param name="input">The pipe of what is received.</param>
    /// <param name="output">The pipe of what is sent.</param>
    public DetachableConnection(int descriptor, EndPoint local, EndPoint remote, SocketWatch watch, PipeOptions input, PipeOptions output)
    {
        _descriptor = descriptor;
        _watch = watch;
        _input = new Pipe(input);
        _output = new Pipe(output);
        MemoryPool = input.Pool;
        Transport = _transport = new DuplexPipe(_input.Reader, _output.Writer);
        ConnectionClosed = _closed.Token;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set<IDetachableSocketFeature>(this);
    }

    private enum State : byte
    {
        Open,
        Held,
        Detached,
        Closed,
    }

    public MemoryPool<byte> MemoryPool { get; }

    /// <summary>Takes what is there already, and waits for more. Called once.</summary>
    public void Start()
    {
        var isWatched = true;
        lock (_gate)
        {
            Receive();
            if (!_isInputOver && !_isPaused)
                isWatched = Expect(Libc.Readable);
        }

        _sending = SendAsync();
        if (!isWatched)
            Abort(new ConnectionAbortedException("The system watches no more sockets: see fs.epoll.max_user_watches."));
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        Shutdown(abortReason);
        _output.Reader.CancelPendingRead();
    }

    // The server is done with the connection, whoever has its socket.
    public override async ValueTask DisposeAsync()
    {
        await _transport.Input.CompleteAsync();
        await _transport.Output.CompleteAsync();
        await _sending;
        await _closedTold.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        TellClosedNow();
        _closed.Dispose();
        await base.DisposeAsync();
    }

    public void OnReadable(Span<byte> buffer)
    {
        lock (_gate)
            Receive();
    }

    /// <summary>Under the lock.</summary>
    private unsafe void Receive()
    {
        for (var i = 0; i < ReceivesAtOnce && _state is State.Open or State.Held && !_isInputOver && !_isPaused; i++)
        {
            var memory = _input.Writer.GetMemory(LeastBuffer);
            nint received;
            fixed (byte* start = memory.Span)
                received = Libc.Receive(_descriptor, start, (nuint)memory.Length, Libc.DontWait);
            if (received > 0)
            {
                _input.Writer.Advance((int)received);
                Flush();
                if (received < memory.Length)
                    return;
            }
            else if (received == 0)
            {
                EndInput(null);
            }
            else
            {
                var error = Marshal.GetLastPInvokeError();
                if (error is not (Libc.WouldBlock or Libc.Interrupted))
                    EndInput(new ConnectionResetException(Marshal.GetPInvokeErrorMessage(error)));
                return;
            }
        }
    }

    private void Flush()
    {
        var flush = _input.Writer.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            if (flush.Result is { IsCompleted: true } or { IsCanceled: true })
                EndInput(null);
            return;
        }

        // The server has enough to read for now.
        _isPaused = true;
        Expect(_expected & ~Libc.Readable);
        _ = ResumeAsync(flush);
    }

    private async Task ResumeAsync(ValueTask<FlushResult> flush)
    {
        var isOver = true;
        try
        {
            isOver = await flush is { IsCompleted: true } or { IsCanceled: true };
        }
        catch (Exception)
        {
            // Whatever the server ended its reading with.
        }

        lock (_gate)
        {
            _isPaused = false;
            if (isOver)
                EndInput(null);
            else if (!_isInputOver && _state is State.Open or State.Held)
                Expect(_expected | Libc.Readable);
        }
    }

    /// <summary>Nothing is received any more: the server takes it for the end of the connection, as it does on its own transport. Under the lock.</summary>
    private void EndInput(Exception? error)
    {
        if (_isInputOver)
            return;
        _isInputOver = true;
        Expect(_expected & ~Libc.Readable);
        _input.Writer.Complete(_reason ?? error);
        TellClosed();
    }

    private void TellClosed()
    {
        // Runs the callbacks on the thread pool.
        if (!_closed.IsCancellationRequested)
            _closedTold = _closed.CancelAsync();
    }

    // The server is done: what it has registered runs here, which saves a thread's wake-up for each socket that left.
    private void TellClosedNow()
    {
        try
        {
            _closed.Cancel();
        }
        catch (AggregateException)
        {
            // Whatever a callback threw: nobody is left to be told.
        }
    }

    /// <summary>Closes the socket: with FIN when all was sent, else with RST. Nothing happens once it is closed, or somebody else's.</summary>
    private void Shutdown(ConnectionAbortedException? reason)
    {
        lock (_gate)
        {
            if (_state is State.Closed or State.Detached)
                return;
            _state = State.Closed;
            _reason = reason ?? new ConnectionAbortedException("Everything was sent.");
            if (reason is null)
                Libc.Shutdown(_descriptor, Libc.ShutBoth);
            else
                Libc.ResetOnClose(_descriptor);
            _watch.Forget(_descriptor);
            Libc.Close(_descriptor);
            _writable?.SetResult();
            _writable = null;
            EndInput(null);
        }
    }

    /// <summary>Under the lock; false when the system watches no more.</summary>
    private bool Expect(uint events)
    {
        if (_state is State.Closed or State.Detached || events == _expected)
            return true;
        _expected = events;
        return _watch.Expect(_descriptor, this, events);
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
