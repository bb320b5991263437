using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace SseScaling.Connections;

/// <summary>
/// Ends the connections of clients that are gone without a word: a phone out of reach, a balancer that was switched off. The system itself goes on for a
/// quarter of an hour (net.ipv4.tcp_retries2), in which they hold places and count as present. Every way in is served by the sockets that are made here.
/// </summary>
/// <remarks>
/// TCP_USER_TIMEOUT (tcp(7)): what was sent and is not acknowledged for so long ends the connection. The next heartbeat is what goes unacknowledged, so a client is
/// known to be gone within three. Not before <see cref="SseOptions.WriteTimeout"/>: one that is there and takes nothing looks the same, and that is for its
/// time-out to end. Linux only; elsewhere the system's own limits hold.
/// </remarks>
internal sealed class VanishedClients(IOptions<SseOptions> options) : IConfigureOptions<SocketTransportOptions>
{
    private const int TcpLevel = 6;
    private const int UserTimeout = 18;

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    public void Configure(SocketTransportOptions transport)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var (heartbeat, write) = (options.Value.Heartbeat, options.Value.WriteTimeout);
        var milliseconds = (int)((2 * heartbeat > write ? 2 * heartbeat : write) + Margin).TotalMilliseconds;
        var create = transport.CreateBoundListenSocket;
        transport.CreateBoundListenSocket = endpoint =>
        {
            var socket = create(endpoint);
            // Accepted sockets inherit it.
            if (endpoint is IPEndPoint)
                socket.SetRawSocketOption(TcpLevel, UserTimeout, BitConverter.GetBytes(milliseconds));
            return socket;
        };
    }
}
