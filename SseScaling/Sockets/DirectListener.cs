using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using SseScaling.Connections;

namespace SseScaling.Sockets;

/// <summary>
/// Accepts connections on one thread. A <see cref="DetachableIntake"/> takes those that begin with a request for an event stream; every other becomes the web
/// server's own kind of connection, untouched, for nothing of it was read yet.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed partial class DirectListener : IConnectionListener, IMemoryPoolFeature
{
    // TCP_DEFER_ACCEPT (tcp(7)): a connection is accepted together with its first data, so one wake-up serves both. Seconds to wait for it.
    private const int DeferAcceptSeconds = 1;

    // Beyond it, the system's own queue fills.
    private const int MaxWaiting = 512;

    // One line for as long as it lasts.
    private static readonly TimeSpan FullAgainAfter = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan PauseAtLimit = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly DetachableIntake? _intake;
    private readonly OrdinaryConnections _ordinary;
    private readonly SocketConnectionContextFactory _others;
    private readonly ILogger _logger;

    // The web server takes a connection on the thread that accepted it, and only then hands it to the thread pool: one wake-up less for each.
    private readonly Channel<ConnectionContext> _accepted =
        Channel.CreateBounded<ConnectionContext>(new BoundedChannelOptions(MaxWaiting) { AllowSynchronousContinuations = true });

    private readonly Thread _thread;
    private long _fullAt = long.MinValue / 2;
    private readonly ManualResetEventSlim _unbound = new();

    /// <param name="socket">Bound, not listening yet.</param>
    /// <param name="backlog">The length of the system's queue.</param>
    /// <param name="intake">Looks first; null: nobody does.</param>
    /// <param name="others">Makes the web server's own kind.</param>
    /// <param name="memory">The listener's pool.</param>
    /// <param name="ordinary">Counts those that are no streams.</param>
    /// <param name="logger">Told of limits.</param>
    public DirectListener(
        Socket socket, int backlog, DetachableIntake? intake, SocketConnectionContextFactory others, MemoryPool<byte> memory, OrdinaryConnections ordinary, ILogger logger)
    {
        MemoryPool = memory;
        _socket = socket;
        _intake = intake;
        _others = others;
        _ordinary = ordinary;
        _logger = logger;
        EndPoint = socket.LocalEndPoint!;
        _descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        Libc.SetOption(_descriptor, Libc.LevelTcp, Libc.DeferAccept, DeferAcceptSeconds);

        // Accepted sockets inherit it (tcp(7)), which saves a call for each.
        Libc.SetOption(_descriptor, Libc.LevelTcp, Libc.NoDelay, 1);
        socket.Listen(backlog);
        _thread = new Thread(Accept) { IsBackground = true, Name = $"accept {EndPoint}" };
        _thread.Start();
    }

    public EndPoint EndPoint { get; }

    public MemoryPool<byte> MemoryPool { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _accepted.Reader.WaitToReadAsync(cancellationToken) && _accepted.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (_unbound.IsSet)
            return default;
        _unbound.Set();
        _accepted.Writer.TryComplete();

        // Ends a pending accept. The descriptor is closed behind it, lest the thread accept from whoever gets its number next.
        Libc.Shutdown(_descriptor, Libc.ShutReceive);
        _thread.Join();
        _socket.Dispose();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_accepted.Reader.TryRead(out var connection))
            await RefuseAsync(connection);
        _others.Dispose();
        MemoryPool.Dispose();
        _unbound.Dispose();
    }

    private unsafe void Accept()
    {
        var address = stackalloc byte[SocketAddress.Size];
        var isAtLimit = false;
        while (!_unbound.IsSet)
        {
            var length = SocketAddress.Size;
            var accepted = Libc.Accept(_descriptor, address, &length, Libc.NonBlocking | Libc.CloseOnExec);
            if (accepted >= 0)
            {
                if (isAtLimit)
                    LogAccepting(EndPoint);
                isAtLimit = false;
                if (accepted >= DescriptorBudget.Ceiling && (accepted = MakeRoom(accepted)) < 0)
                    continue;

                if (_intake?.TryTake(accepted, new ReadOnlySpan<byte>(address, SocketAddress.Size), out var connection) is not true)
                    connection = Wrap(accepted);
                _ordinary.Add(connection);
                HandOver(connection);
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error is Libc.Interrupted or Libc.WouldBlock or Libc.Aborted || _unbound.IsSet)
                continue;
            if (!isAtLimit)
                LogLimit(EndPoint, Marshal.GetPInvokeErrorMessage(error));
            isAtLimit = true;

            // The next attempt would fail at once, too: give others time to close.
            _unbound.Wait(PauseAtLimit);
        }
    }

    /// <summary>
    /// Near the file limit a new connection takes the place, and the number, of the oldest that is no stream, so that health and publishing are always answered. Returns its
    /// descriptor; -1 when there is no place, and it is closed.
    /// </summary>
    private int MakeRoom(int accepted)
    {
        var now = Environment.TickCount64;
        if (now - _fullAt > FullAgainAfter.TotalMilliseconds)
            LogFull(EndPoint, DescriptorBudget.Limit);
        _fullAt = now;
        var room = _ordinary.TryAbortOldest() ? Libc.Duplicate(accepted) : -1;
        if (room < 0 && accepted < DescriptorBudget.Last)
            return accepted;
        Libc.Close(accepted);
        return room;
    }

    private ConnectionContext Wrap(int accepted)
    {
        var connection = _others.Create(new Socket(new SafeSocketHandle(accepted, ownsHandle: true)));

        // The factory's own pool is the shared one, which rents nothing where the web server asks for "some"; the server's pool gives a block.
        connection.Features.Set<IMemoryPoolFeature>(this);
        return connection;
    }

    private void HandOver(ConnectionContext connection)
    {
        // Blocks while the web server is behind.
        while (!_accepted.Writer.TryWrite(connection))
        {
            if (_accepted.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult())
                continue;
            _ = RefuseAsync(connection).AsTask();
            return;
        }
    }

    private static ValueTask RefuseAsync(ConnectionContext connection)
    {
        connection.Abort(new ConnectionAbortedException("The listener is closed."));
        return connection.DisposeAsync();
    }

    [LoggerMessage(21, LogLevel.Warning, "{EndPoint} accepts no connections at the moment: {Error}")]
    private partial void LogLimit(EndPoint endPoint, string error);

    [LoggerMessage(23, LogLevel.Warning, "{EndPoint} is near the process's file limit of {Limit}: idle connections give way to new ones; raise the limit, or find who holds them")]
    private partial void LogFull(EndPoint endPoint, long limit);

    [LoggerMessage(22, LogLevel.Information, "{EndPoint} accepts connections again")]
    private partial void LogAccepting(EndPoint endPoint);
}
