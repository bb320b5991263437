using System.Runtime.Versioning;
using SseScaling.Api.Cluster;
using SseScaling.Api.Delivery;
using SseScaling.Api.Http;
using SseScaling.Api.Social;

namespace SseScaling.Api.DirectSockets;

/// <summary>
/// Serves event streams straight on their sockets. It takes only what it answers with 200; what is malformed, over a limit or in time of drain
/// goes the ordinary way, where the same rules word the error.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class DirectStreams(ConnectionRegistry connections, UserStreams streams, UserLimit users, ReplicaStop replica, SocketWatch watch)
{
    // The web server allows 32 KiB of headers; a stream request is about 0.5 KiB, with cookies 4. Larger ones go the ordinary way.
    private const int MaxHead = 8 << 10;

    // One text for all streams.
    private readonly string _head = DirectConnection.Head(replica.ServedBy);

    private static readonly string[] Paths = [StreamRequest.UserPath, StreamRequest.TopicsPath];

    /// <summary>Takes over a connection whose first request is for a stream; false, with nothing read, for any other. Never blocks.</summary>
    /// <param name="descriptor">The accepted, non-blocking socket.</param>
    public bool TryServe(int descriptor)
    {
        var bytes = stackalloc byte[MaxHead];
        var received = (int)Libc.Receive(descriptor, bytes, MaxHead, Libc.Peek | Libc.DontWait);
        if (received <= 0 || !RequestHead.TryRead(new ReadOnlySpan<byte>(bytes, received), Paths, out var head, out var length)
            || StreamRequest.Read(head.Path, head.Query, head.LastEventId, out _) is not { } request
            || (request.User is not null && users.MustAsk) || !connections.TryReserve())
            return false;

        // What was peeked at is taken from the socket now; anything behind it is a client's mistake that the connection discards.
        Libc.Receive(descriptor, bytes, (nuint)length, Libc.DontWait);
        var connection = new DirectConnection(connections, request.Label, request.User, watch, descriptor, _head);
        streams.Open(connection, request);
        connections.Add(connection);
        users.Enter(connection);
        connection.WatchClient();
        return true;
    }
}
