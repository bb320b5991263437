using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using SseScaling.Connections;
using SseScaling.Protocol;

namespace SseScaling.Sockets;

/// <summary>
/// A stream that is written to its socket by the thread that has something for it: no pipe, no hop to another thread, no task, and nothing but this
/// object while it is idle. What the socket does not take goes through the bounded backlog, which <see cref="SocketWatch"/> has written on.
/// </summary>
/// <remarks>
/// The descriptor is closed after the stream's state says so, and used under the stream's lock while the state does not: never once it is closed, when it may
/// be another connection's.
/// </remarks>
/// <param name="registry">Counts the connection.</param>
/// <param name="label">What the log calls the client.</param>
/// <param name="user">The user whose stream it is; null for a stream of any topics.</param>
[SupportedOSPlatform("linux")]
internal sealed class DirectConnection(ConnectionRegistry registry, string label, string? user) : Connection(registry, label, user), IWatchedSocket
{
    // A stream has no use for what its client sends: room for a pipelined request or two, and no more.
    private const int MaxDiscarded = 64 << 10;

    private SocketWatch? _watch;
    private int _descriptor = -1;
    private int _discarded;
    private byte[]? _head;
    private bool _isWatched;

    /// <summary>Gives the stream its socket, before anything is sent.</summary>
    /// <param name="watch">Notices what the client does.</param>
    /// <param name="descriptor">The connected, non-blocking socket, which this object owns from now on.</param>
    /// <param name="head">The response's head, which is sent with the first frame.</param>
    public void Take(SocketWatch watch, int descriptor, byte[] head) => (_watch, _descriptor, _head) = (watch, descriptor, head);

    // The socket is the web server's until here.
    public override async Task<bool> TryBeginAsync(HttpContext context)
    {
        if (await SocketHandOff.RunAsync(context) is not { } detached)
            return false;
        Take(detached.Watch, detached.Descriptor, detached.Head);
        return true;
    }

    // The request ends; the stream goes on.
    public override Task RunAsync()
    {
        WatchClient();
        return Task.CompletedTask;
    }

    /// <summary>Begins to notice the client's end of the connection.</summary>
    public void WatchClient()
    {
        lock (Gate)
            _isWatched = IsEnded || Expect(HasBacklog);
        if (!_isWatched)
            End(SseDisconnectReason.Error);
    }

    // One write for the head and the beginning.
    public override Frame Preamble(string? id)
    {
        byte[] bytes = [.. _head ?? [], .. Encoding.UTF8.GetBytes(ControlFrames.Preamble(Registry.Options.Retry, id, PositionForm))];
        _head = null;
        return new Frame(bytes, 0, bytes.Length);
    }

    /// <summary>The client has sent something, for which a stream has no use, or has closed.</summary>
    /// <param name="buffer">For what is discarded.</param>
    public void OnReadable(Span<byte> buffer)
    {
        lock (Gate)
        {
            if (IsEnded || Discard(buffer))
                return;
        }

        End(SseDisconnectReason.Client);
    }

    /// <summary>The client takes more.</summary>
    /// <param name="buffer">For what is sent in one piece.</param>
    public void OnWritable(Span<byte> buffer) => WriteBacklog(buffer);

    protected override unsafe int TryWrite(ReadOnlySpan<byte> bytes)
    {
        // A stream that ends before it began has a head all the same.
        if (_head is { } head)
        {
            _head = null;
            if (TryWrite(head) < head.Length)
                return -1;
        }

        fixed (byte* start = bytes)
        {
            var written = (int)Libc.Send(_descriptor, start, (nuint)bytes.Length, Libc.DontWait | Libc.NoSignal);
            if (written >= 0)
                return written;
        }

        return Marshal.GetLastPInvokeError() is Libc.WouldBlock or Libc.Interrupted or Libc.NoBuffers ? 0 : -1;
    }

    // Before it is watched, WatchClient looks itself.
    protected override void StartDraining()
    {
        if (_isWatched)
            Expect(writable: true);
    }

    protected override void StopDraining()
    {
        if (_isWatched)
            Expect(writable: false);
    }

    protected override void Close(bool graceful)
    {
        if (graceful)
            Libc.Shutdown(_descriptor, Libc.ShutSend);
        else if (Reason is SseDisconnectReason.SlowConsumer or SseDisconnectReason.WriteTimeout)
            Libc.ResetOnClose(_descriptor); // What the client does not take must not stay in the kernel either.
        _watch!.Forget(_descriptor);
        Libc.Close(_descriptor);
    }

    private bool Expect(bool writable) => _watch!.Expect(_descriptor, this, writable ? Libc.Readable | Libc.Writable : Libc.Readable);

    /// <summary>
    /// Reads once, however much there is: all streams of this thread wait meanwhile, and what is left is told again. False once the client closed, or
    /// has sent too much.
    /// </summary>
    private unsafe bool Discard(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var received = (int)Libc.Receive(_descriptor, start, (nuint)buffer.Length, Libc.DontWait);
            if (received > 0)
                return (_discarded += received) <= MaxDiscarded;
            return received < 0 && Marshal.GetLastPInvokeError() is Libc.WouldBlock or Libc.Interrupted;
        }
    }
}
