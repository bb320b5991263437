using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using SseScaling.Connections;

namespace SseScaling.Sockets;

/// <summary>
/// Gives the web server listeners that keep the process below its file limit, and whose event streams get their sockets after the pipeline. See the README in this folder.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class DirectTransportFactory(
    SocketWatch watch,
    IOptions<SseOptions> sse,
    IOptions<SocketTransportOptions> options,
    IMemoryPoolFactory<byte> memory,
    OrdinaryConnections ordinary,
    ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ILogger _logger = loggers.CreateLogger<DirectListener>();

    // Other end points (Unix sockets, inherited ones) stay with the server's own transport.
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var transport = options.Value;
        var pool = memory.Create();
        var socket = Bind(transport, endpoint);
        var others = new SocketConnectionContextFactory(Options(transport), _logger);
        var intake = sse.Value.DirectSockets ? new DetachableIntake(watch, (IPEndPoint)socket.LocalEndPoint!, transport, pool) : null;
        var listener = new DirectListener(socket, transport.Backlog, intake, others, pool, ordinary, _logger);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    private static Socket Bind(SocketTransportOptions transport, EndPoint endpoint)
    {
        try
        {
            return transport.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            // The web server names the address.
            throw new AddressInUseException(exception.Message, exception);
        }
    }

    private static SocketConnectionFactoryOptions Options(SocketTransportOptions transport) => new()
    {
        IOQueueCount = transport.IOQueueCount,
        WaitForDataBeforeAllocatingBuffer = transport.WaitForDataBeforeAllocatingBuffer,
        MaxReadBufferSize = transport.MaxReadBufferSize,
        MaxWriteBufferSize = transport.MaxWriteBufferSize,
        UnsafePreferInlineScheduling = transport.UnsafePreferInlineScheduling,
    };
}
