using System.Buffers;
using System.Net;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using SseScaling.Api.Delivery;
using SseScaling.Api.DirectSockets.AfterPipeline;
using SseScaling.Api.DirectSockets.AtAccept;
using SseScaling.Api.Http;

namespace SseScaling.Api.DirectSockets;

/// <summary>Gives the web server listeners whose event streams get their sockets at accept or after the pipeline. See the README in this folder.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class DirectTransportFactory(
    IServiceProvider services,
    SocketWatch watch,
    IOptions<DeliveryOptions> delivery,
    IOptions<SocketTransportOptions> options,
    IMemoryPoolFactory<byte> memory,
    ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ILogger _logger = loggers.CreateLogger<DirectListener>();
    private DirectSocketsMode? _mode;

    // Other end points (Unix sockets, inherited ones) stay with the server's own transport.
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var transport = options.Value;
        var pool = memory.Create();
        var socket = transport.CreateBoundListenSocket(endpoint);
        var others = new SocketConnectionContextFactory(Options(transport), _logger);
        var listener = new DirectListener(socket, transport.Backlog, Intake((IPEndPoint)socket.LocalEndPoint!, pool), others, pool, _logger);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    private ISocketIntake Intake(IPEndPoint local, MemoryPool<byte> pool) =>
        (_mode ??= Choose()) == DirectSocketsMode.AfterPipeline
            ? new DetachableIntake(watch, local, options.Value, pool)
            : new StreamIntake(
                local.Port,
                services.GetRequiredService<IServer>(),
                services.GetRequiredService<ConnectionRegistry>(),
                services.GetRequiredService<StreamAdmission>(),
                watch,
                services.GetRequiredService<StreamHead>());

    /// <summary>The mode of the options, unless streams must not pass the middleware by. The application is built by now.</summary>
    private DirectSocketsMode Choose()
    {
        if (delivery.Value.DirectSockets == DirectSocketsMode.AfterPipeline || services.GetRequiredService<MiddlewareNeeds>().Find() is not { } reason)
            return delivery.Value.DirectSockets;
        LogPipeline(reason);
        return DirectSocketsMode.AfterPipeline;
    }

    private static SocketConnectionFactoryOptions Options(SocketTransportOptions transport) => new()
    {
        IOQueueCount = transport.IOQueueCount,
        WaitForDataBeforeAllocatingBuffer = transport.WaitForDataBeforeAllocatingBuffer,
        MaxReadBufferSize = transport.MaxReadBufferSize,
        MaxWriteBufferSize = transport.MaxWriteBufferSize,
        UnsafePreferInlineScheduling = transport.UnsafePreferInlineScheduling,
    };

    [LoggerMessage(23, LogLevel.Warning, "Streams are served after the pipeline, not at accept, since {Reason}: set Sse:DirectSockets to AfterPipeline")]
    private partial void LogPipeline(string reason);
}
