using System.Net;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace SseScaling.Api.DirectSockets;

/// <summary>Gives the web server listeners that keep plaintext event streams for themselves. See the README in this folder.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DirectTransportFactory(
    DirectStreams streams,
    IServiceProvider services,
    IOptions<SocketTransportOptions> options,
    IMemoryPoolFactory<byte> memory,
    ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // Other end points (Unix sockets, named pipes) have no need of the short way and stay with the server's own transport.
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var logger = loggers.CreateLogger<DirectListener>();
        var handOver = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), logger);
        var listener = new DirectListener(options.Value.CreateBoundListenSocket(endpoint), options.Value, streams, IsPlaintext, handOver, memory.Create(), logger);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    /// <summary>Whether a port speaks plaintext. While the server is starting the answer is no: its addresses are listed last.</summary>
    private bool IsPlaintext(int port) =>
        services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>() is { } feature
        && feature.Addresses.Any(a => BindingAddress.Parse(a) is { Scheme: "http" } address && address.Port == port);
}
