using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace SseScaling.Api.DirectSockets;

/// <summary>
/// Accepts connections on one thread. A request that <see cref="DirectStreams"/> can answer stays with it; every other connection goes to the web
/// server untouched, for nothing of it was read yet, only peeked at.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed partial class DirectListener : IConnectionListener, IMemoryPoolFeature
{
    // TCP_DEFER_ACCEPT (tcp(7)): a connection is accepted together with its first data, so one wake-up serves both. Seconds to wait for it.
    private const int DeferAcceptSeconds = 1;

    private static readonly TimeSpan PauseAtFileLimit = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly DirectStreams _streams;
    private readonly Func<int, bool> _isPlaintext;
    private readonly SocketConnectionContextFactory _handOver;
    private readonly ILogger _logger;
    private readonly Channel<ConnectionContext> _others = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _unbound = new();

    public DirectListener(
        Socket socket, SocketTransportOptions options, DirectStreams streams, Func<int, bool> isPlaintext, SocketConnectionContextFactory handOver,
        MemoryPool<byte> memory, ILogger logger)
    {
        MemoryPool = memory;
        _socket = socket;
        _streams = streams;
        _isPlaintext = isPlaintext;
        _handOver = handOver;
        _logger = logger;
        EndPoint = socket.LocalEndPoint!;
        _descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        Libc.SetOption(_descriptor, Libc.LevelTcp, Libc.DeferAccept, DeferAcceptSeconds);

        // Accepted sockets inherit it (tcp(7)), which saves a call for each.
        Libc.SetOption(_descriptor, Libc.LevelTcp, Libc.NoDelay, 1);
        socket.Listen(options.Backlog);
        _thread = new Thread(Accept) { IsBackground = true, Name = $"accept {EndPoint}" };
        _thread.Start();
    }

    public EndPoint EndPoint { get; }

    public MemoryPool<byte> MemoryPool { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _others.Reader.WaitToReadAsync(cancellationToken) && _others.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (_unbound.IsSet)
            return default;
        _unbound.Set();

        // Ends a pending accept. The descriptor is closed behind it, lest the thread accept from whoever gets its number next.
        Libc.Shutdown(_descriptor, Libc.ShutReceive);
        _thread.Join();
        _socket.Dispose();
        _others.Writer.TryComplete();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_others.Reader.TryRead(out var connection))
            await connection.DisposeAsync();
        _handOver.Dispose();
        MemoryPool.Dispose();
        _unbound.Dispose();
    }

    private unsafe void Accept()
    {
        var isPlaintext = false;
        while (!_unbound.IsSet)
        {
            var accepted = Libc.Accept(_descriptor, null, null, Libc.NonBlocking | Libc.CloseOnExec);
            if (accepted < 0)
            {
                Pause(Marshal.GetLastPInvokeError());
                continue;
            }

            isPlaintext = isPlaintext || _isPlaintext(((IPEndPoint)EndPoint).Port);
            if (!isPlaintext || !_streams.TryServe(accepted))
                HandOver(new Socket(new SafeSocketHandle(accepted, ownsHandle: true)));
        }
    }

    private void Pause(int error)
    {
        if (_unbound.IsSet)
            return;
        LogAcceptFailed(Marshal.GetPInvokeErrorMessage(error));

        // At the file limit the next attempt fails at once, too: give others time to close.
        if (error is Libc.TooManyFiles or Libc.TooManyFilesInSystem)
            _unbound.Wait(PauseAtFileLimit);
    }

    private void HandOver(Socket accepted)
    {
        var connection = _handOver.Create(accepted);

        // The factory's own pool is the shared one, which rents nothing where the web server asks for "some"; the server's pool gives a block.
        connection.Features.Set<IMemoryPoolFeature>(this);
        if (!_others.Writer.TryWrite(connection))
            connection.Abort(new ConnectionAbortedException("The listener is closed."));
    }

    [LoggerMessage(21, LogLevel.Debug, "A connection could not be accepted: {Error}")]
    private partial void LogAcceptFailed(string error);
}
