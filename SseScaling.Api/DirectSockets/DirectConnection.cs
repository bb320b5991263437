using System.Globalization;
using System.Net.Sockets;
using SseScaling.Api.Delivery;
using SseScaling.Api.Protocol;

namespace SseScaling.Api.DirectSockets;

/// <summary>
/// A stream that is written to its socket by the thread that has something for it: no pipe, no hop to another thread, no task while it is idle.
/// What the socket does not take goes through the bounded backlog and an asynchronous send.
/// </summary>
internal sealed class DirectConnection : Connection, IDisposable
{
    private const int MaxPieces = 64;

    // Events and comments behind the head are delimited by the connection's end (RFC 9112, section 6.3): no chunk headers, so that one
    // buffer serves all connections as it is.
    private const string Head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache,no-transform\r\nX-Accel-Buffering: no\r\nConnection: close\r\nDate: ";

    private readonly Socket _socket;
    private Watcher? _watcher;
    private Sender? _sender;

    public DirectConnection(ConnectionRegistry registry, string label, string? user, Socket socket)
        : base(registry, label, user)
    {
        _socket = socket;
        socket.NoDelay = true;
    }

    public override Frame Preamble(string? id) => ControlFrames.Text(string.Concat(
        Head, DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture), "\r\n\r\n", ControlFrames.Preamble(Registry.Options.Retry, id)));

    /// <summary>Begins to notice the client's end of the connection.</summary>
    public void WatchClient() => (_watcher = new Watcher(this)).Watch();

    protected override int TryWrite(Frame frame)
    {
        var written = _socket.Send(frame.Span, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => written,
            SocketError.WouldBlock or SocketError.IOPending or SocketError.NoBufferSpaceAvailable => 0,
            _ => -1,
        };
    }

    protected override void StartDraining() => (_sender ??= new Sender(this)).Start();

    protected override void Close(bool graceful)
    {
        try
        {
            if (graceful)
                _socket.Shutdown(SocketShutdown.Send);
            else if (Reason is DisconnectReason.SlowConsumer or DisconnectReason.WriteTimeout)
                _socket.LingerState = new LingerOption(true, 0); // What the client does not take must not stay in the kernel either.
        }
        catch (SocketException)
        {
            // The client was faster.
        }

        Dispose();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _watcher?.Dispose();
        _sender?.Dispose();
    }

    /// <summary>A receive without a buffer that stays open until the client closes or sends something.</summary>
    // Both pass true to their base: no execution context is captured per operation, since none of it is used.
    private sealed class Watcher : SocketAsyncEventArgs
    {
        private readonly DirectConnection _connection;

        public Watcher(DirectConnection connection)
            : base(true)
        {
            _connection = connection;
            SetBuffer(Memory<byte>.Empty);
        }

        public void Watch()
        {
            try
            {
                while (!_connection._socket.ReceiveAsync(this) && IsOpen())
                {
                }
            }
            catch (ObjectDisposedException)
            {
                // Ended meanwhile.
            }
        }

        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            if (IsOpen())
                Watch();
        }

        /// <summary>Discards what the client sent, since a stream has no use for input; false once it closed.</summary>
        private bool IsOpen()
        {
            Span<byte> discarded = stackalloc byte[1024];
            try
            {
                while (true)
                {
                    var received = _connection._socket.Receive(discarded, SocketFlags.None, out var error);
                    if (error == SocketError.WouldBlock)
                        return true;
                    if (error == SocketError.Success && received > 0)
                        continue;
                    _connection.End(DisconnectReason.Client);
                    return false;
                }
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>Writes the backlog whenever the socket takes more. Exists only for connections that once had one.</summary>
    private sealed class Sender : SocketAsyncEventArgs
    {
        private readonly DirectConnection _connection;
        private readonly List<ArraySegment<byte>> _pieces = [];

        public Sender(DirectConnection connection)
            : base(true) => _connection = connection;

        /// <summary>Begins to send what waits; completions go on until nothing does. Called under the connection's lock.</summary>
        public void Start() => ThreadPool.UnsafeQueueUserWorkItem(static s => s.Send(), this, preferLocal: false);

        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            if (Continue())
                Send();
        }

        private void Send()
        {
            try
            {
                do
                {
                    _pieces.Clear();
                    if (!_connection.TakePieces(_pieces, MaxPieces))
                        return;
                    BufferList = _pieces;
                }
                while (!_connection._socket.SendAsync(this) && Continue());
            }
            catch (ObjectDisposedException)
            {
                // Ended meanwhile.
            }
        }

        private bool Continue()
        {
            if (SocketError == SocketError.Success)
                return _connection.Wrote(BytesTransferred);
            _connection.End(DisconnectReason.Client);
            return false;
        }
    }
}
