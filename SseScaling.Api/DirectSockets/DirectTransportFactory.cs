using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace SseScaling.Api.DirectSockets;

/// <summary>Gives the web server listeners whose event streams can leave it. See the README in this folder.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DirectTransportFactory(
    SocketWatch watch, IOptions<SocketTransportOptions> options, IMemoryPoolFactory<byte> memory, ILoggerFactory loggers)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // Other end points (Unix sockets, inherited ones) stay with the server's own transport.
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var transport = options.Value;
        var pool = memory.Create();
        var logger = loggers.CreateLogger<DirectListener>();
        var socket = transport.CreateBoundListenSocket(endpoint);
        var local = (IPEndPoint)socket.LocalEndPoint!;
        var isAny = local.Address.Equals(IPAddress.Any) || local.Address.Equals(IPAddress.IPv6Any);

        // Received by a thread that all connections share, and sent by whoever flushes: the application's code runs on the thread pool.
        var input = Options(pool, PipeScheduler.ThreadPool, PipeScheduler.Inline, transport.MaxReadBufferSize);
        var output = Options(pool, PipeScheduler.Inline, PipeScheduler.ThreadPool, transport.MaxWriteBufferSize);
        var listener = new DirectListener(socket, transport.Backlog, Create, new SocketConnectionContextFactory(Options(transport), logger), pool, logger);
        return ValueTask.FromResult<IConnectionListener>(listener);

        ConnectionContext Create(int descriptor, EndPoint remote)
        {
            var connection = new DetachableConnection(descriptor, isAny ? SocketAddress.OfLocal(descriptor) : local, remote, watch, input, output);
            connection.Start();
            return connection;
        }
    }

    private static PipeOptions Options(MemoryPool<byte> pool, PipeScheduler reader, PipeScheduler writer, long? bound) =>
        new(pool, reader, writer, bound ?? 0, (bound ?? 0) / 2, useSynchronizationContext: false);

    private static SocketConnectionFactoryOptions Options(SocketTransportOptions transport) => new()
    {
        IOQueueCount = transport.IOQueueCount,
        WaitForDataBeforeAllocatingBuffer = transport.WaitForDataBeforeAllocatingBuffer,
        MaxReadBufferSize = transport.MaxReadBufferSize,
        MaxWriteBufferSize = transport.MaxWriteBufferSize,
        UnsafePreferInlineScheduling = transport.UnsafePreferInlineScheduling,
    };
}
