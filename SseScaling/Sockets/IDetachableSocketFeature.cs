namespace SseScaling.Sockets;

/// <summary>
/// A connection whose socket can leave the web server, as a feature of the connection and so of its requests. <see cref="SocketHandOff"/> has the rules of
/// HTTP for it.
/// </summary>
internal interface IDetachableSocketFeature
{
    /// <summary>Whether nothing stands between the web server and the socket, nothing waits to be sent, and the client is there.</summary>
    bool IsDetachable { get; }

    /// <summary>What is flushed from here on is kept, not sent.</summary>
    void HoldOutput();

    /// <summary>Ends <see cref="HoldOutput"/>; aborts the connection when something was kept that nobody took. Nothing happens once the socket is detached.</summary>
    void ReleaseOutput();

    /// <summary>
    /// Takes the socket, with what was kept. The web server sees the end of the connection; what it still writes goes nowhere. Null when the client has
    /// closed meanwhile.
    /// </summary>
    DetachedSocket? Detach();
}

/// <summary>A socket that left the web server. Whoever has it closes it.</summary>
/// <param name="Watch">Waits for it; another owner takes its place there.</param>
/// <param name="Descriptor">The connected, non-blocking socket.</param>
/// <param name="Head">The response's head, which is not sent yet; the end of the connection delimits the body.</param>
internal sealed record DetachedSocket(SocketWatch Watch, int Descriptor, byte[] Head);
