using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using SseScaling.Api.Cluster;
using SseScaling.Api.Delivery;
using SseScaling.Api.Protocol;

namespace SseScaling.Api.DirectSockets;

/// <summary>
/// A stream that is written to its socket by the thread that has something for it: no pipe, no hop to another thread, no task, and nothing but this
/// object while it is idle. What the socket does not take goes through the bounded backlog, which <see cref="SocketWatch"/> has written on.
/// </summary>
/// <remarks>
/// The descriptor is closed after the stream's state says so, and used under the stream's lock while the state does not: never once it is closed, when it may
/// be another connection's.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class DirectConnection : Connection
{
    private readonly SocketWatch _watch;
    private readonly string _head;
    private bool _isWatched;

    /// <param name="registry">Counts the connection.</param>
    /// <param name="label">What the log calls the client.</param>
    /// <param name="user">The user whose stream it is; null for a stream of any topics.</param>
    /// <param name="watch">Notices what the client does.</param>
    /// <param name="descriptor">The connected, non-blocking socket, which this object owns from now on.</param>
    /// <param name="head">What <see cref="Head"/> made.</param>
    public DirectConnection(ConnectionRegistry registry, string label, string? user, SocketWatch watch, int descriptor, string head)
        : base(registry, label, user)
    {
        _head = head;
        _watch = watch;
        Descriptor = descriptor;
    }

    /// <summary>The socket.</summary>
    public int Descriptor { get; }

    /// <summary>The response's head up to its date.</summary>
    /// <param name="servedBy">The replica's name; null to leave it out.</param>
    // Events and comments behind the head are delimited by the connection's end (RFC 9112, section 6.3): no chunk headers, so that one
    // buffer serves all connections as it is.
    public static string Head(string? servedBy) =>
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache,no-transform\r\nX-Accel-Buffering: no\r\nConnection: close\r\n"
        + (servedBy is null ? "" : $"{ReplicaStop.Header}: {servedBy}\r\n") + "Date: ";

    public override Frame Preamble(string? id) => ControlFrames.Text(string.Concat(
        _head, DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture), "\r\n\r\n", ControlFrames.Preamble(Registry.Options.Retry, id)));

    /// <summary>Begins to notice the client's end of the connection.</summary>
    public void WatchClient()
    {
        lock (Gate)
        {
            if (IsEnded)
                return;
            _isWatched = _watch.Add(this, writable: HasBacklog);
        }

        if (!_isWatched)
            End(DisconnectReason.Error);
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

        End(DisconnectReason.Client);
    }

    /// <summary>The client takes more.</summary>
    /// <param name="buffer">For what is sent in one piece.</param>
    public void OnWritable(Span<byte> buffer) => WriteBacklog(buffer);

    protected override int TryWrite(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var written = (int)Libc.Send(Descriptor, start, (nuint)bytes.Length, Libc.DontWait | Libc.NoSignal);
            if (written >= 0)
                return written;
        }

        return Marshal.GetLastPInvokeError() is Libc.WouldBlock or Libc.Interrupted or Libc.NoBuffers ? 0 : -1;
    }

    // Before it is watched, WatchClient looks itself.
    protected override void StartDraining() => Expect(writable: true);

    protected override void StopDraining() => Expect(writable: false);

    protected override void Close(bool graceful)
    {
        if (graceful)
        {
            Libc.Shutdown(Descriptor, Libc.ShutSend);
        }
        else if (Reason is DisconnectReason.SlowConsumer or DisconnectReason.WriteTimeout)
        {
            // What the client does not take must not stay in the kernel either: struct linger, on and 0 s.
            var linger = stackalloc int[2] { 1, 0 };
            Libc.SetOption(Descriptor, Libc.LevelSocket, Libc.Linger, linger, 2 * sizeof(int));
        }

        _watch.Remove(this);
        Libc.Close(Descriptor);
    }

    private void Expect(bool writable)
    {
        if (_isWatched)
            _watch.Change(this, writable);
    }

    /// <summary>Reads what there is; false once the client closed.</summary>
    private bool Discard(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint received;
            do
                received = Libc.Receive(Descriptor, start, (nuint)buffer.Length, Libc.DontWait);
            while (received > 0);
            return received < 0 && Marshal.GetLastPInvokeError() is Libc.WouldBlock or Libc.Interrupted;
        }
    }
}
