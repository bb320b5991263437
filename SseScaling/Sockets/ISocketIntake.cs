using Microsoft.AspNetCore.Connections;

namespace SseScaling.Sockets;

/// <summary>Who looks first at what a listener accepted. Called on its thread, which must not be kept.</summary>
internal interface ISocketIntake
{
    /// <summary>Takes a socket; false, with nothing read of it, when it is one for the web server's own transport.</summary>
    /// <param name="descriptor">The connected, non-blocking socket, which belongs to who takes it.</param>
    /// <param name="remote">The client's address, for <see cref="SocketAddress"/>.</param>
    /// <param name="connection">What the web server gets of it; null: nothing.</param>
    bool TryTake(int descriptor, ReadOnlySpan<byte> remote, out ConnectionContext? connection);
}
