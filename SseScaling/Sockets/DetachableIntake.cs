using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using SseScaling.Connections;

namespace SseScaling.Sockets;

/// <summary>Has a connection whose first request looks like one for an event stream be a <see cref="DetachableConnection"/>.</summary>
/// <remarks>The look is a guess that costs nothing when it is wrong: either kind of connection serves any request, by any protocol.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class DetachableIntake
{
    // A request for a stream is about 0.5 KiB, with cookies 4; the header that tells may stand anywhere in it.
    private const int PeekedBytes = 8 << 10;

    private readonly SocketWatch _watch;
    private readonly IPEndPoint _local;
    private readonly bool _isAny;
    private readonly PipeOptions _input;
    private readonly PipeOptions _output;

    /// <param name="watch">Waits for the sockets.</param>
    /// <param name="local">Where the listener is bound.</param>
    /// <param name="transport">The bounds of the pipes.</param>
    /// <param name="pool">Their memory.</param>
    public DetachableIntake(SocketWatch watch, IPEndPoint local, SocketTransportOptions transport, MemoryPool<byte> pool)
    {
        _watch = watch;
        _local = local;
        _isAny = local.Address.Equals(IPAddress.Any) || local.Address.Equals(IPAddress.IPv6Any);

        // Received by a thread that all connections share, and sent by whoever flushes: the application's code runs on the thread pool.
        _input = Options(pool, PipeScheduler.ThreadPool, PipeScheduler.Inline, transport.MaxReadBufferSize);
        _output = Options(pool, PipeScheduler.Inline, PipeScheduler.ThreadPool, transport.MaxWriteBufferSize);
    }

    public bool TryTake(int descriptor, ReadOnlySpan<byte> remote, [NotNullWhen(true)] out ConnectionContext? connection)
    {
        connection = null;
        if (!LooksLikeStream(descriptor))
            return false;
        Libc.SetOption(descriptor, Libc.LevelSocket, Libc.SendBuffer, Connection.MaxKernelBytes);
        var local = _isAny ? SocketAddress.OfLocal(descriptor) : _local;
        var detachable = new DetachableConnection(descriptor, local, SocketAddress.Parse(remote), _watch, _input, _output);
        detachable.Start();
        connection = detachable;
        return true;
    }

    private static unsafe bool LooksLikeStream(int descriptor)
    {
        var bytes = stackalloc byte[PeekedBytes];
        var received = (int)Libc.Receive(descriptor, bytes, PeekedBytes, Libc.Peek | Libc.DontWait);
        if (received <= 0)
            return false;
        var head = new ReadOnlySpan<byte>(bytes, received);
        return head.StartsWith("GET "u8) && head.IndexOf("text/event-stream"u8) > 0;
    }

    private static PipeOptions Options(MemoryPool<byte> pool, PipeScheduler reader, PipeScheduler writer, long? bound) =>
        new(pool, reader, writer, bound ?? 0, (bound ?? 0) / 2, useSynchronizationContext: false);
}
