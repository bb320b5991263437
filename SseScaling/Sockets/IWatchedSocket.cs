namespace SseScaling.Sockets;

/// <summary>Who owns a descriptor that <see cref="SocketWatch"/> waits for. Called on its threads, which must not be kept; now and then without a reason.</summary>
internal interface IWatchedSocket
{
    /// <summary>There is something to read, the end included.</summary>
    /// <param name="buffer">Free to use until the return.</param>
    void OnReadable(Span<byte> buffer);

    /// <summary>The socket takes more, or has failed.</summary>
    /// <param name="buffer">Free to use until the return.</param>
    void OnWritable(Span<byte> buffer);
}
