using System.Runtime.Versioning;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using SseScaling.Api.Delivery;
using SseScaling.Api.Http;

namespace SseScaling.Api.DirectSockets.AtAccept;

/// <summary>
/// Serves event streams straight on the sockets of a plaintext port. It takes only what it answers with 200; what is malformed, over a limit or in time of
/// drain goes the ordinary way, where the same rules word the error.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class StreamIntake(
    int port, IServer server, ConnectionRegistry connections, StreamAdmission admission, SocketWatch watch, StreamHead head) : ISocketIntake
{
    // The web server allows 32 KiB of headers; a stream request is about 0.5 KiB, with cookies 4. Larger ones go the ordinary way.
    private const int MaxHead = 8 << 10;

    private bool _isPlaintext;

    public bool TryTake(int descriptor, ReadOnlySpan<byte> remote, out ConnectionContext? connection)
    {
        connection = null;
        return (_isPlaintext = _isPlaintext || IsPlaintext()) && TryServe(descriptor);
    }

    private bool TryServe(int descriptor)
    {
        var bytes = stackalloc byte[MaxHead];
        var received = (int)Libc.Receive(descriptor, bytes, MaxHead, Libc.Peek | Libc.DontWait);
        if (received <= 0 || !RequestHead.TryRead(new ReadOnlySpan<byte>(bytes, received), StreamRequest.Paths, out var asked, out var length)
            || StreamRequest.Read(asked.Path, asked.Query, asked.LastEventId, out _) is not { } request
            || admission.MustAsk(request) || !admission.TryReserve())
            return false;

        // What was peeked at is taken from the socket now; anything behind it is a client's mistake that the connection discards.
        Libc.Receive(descriptor, bytes, (nuint)length, Libc.DontWait);
        var stream = new DirectConnection(connections, request.Label, request.User);
        stream.Take(watch, descriptor, head.Now());
        admission.Begin(stream, request);
        stream.WatchClient();
        return true;
    }

    // While the server is starting the answer is no: its addresses are listed last.
    private bool IsPlaintext() =>
        server.Features.Get<IServerAddressesFeature>() is { } feature
        && feature.Addresses.Any(a => BindingAddress.Parse(a) is { Scheme: "http" } address && address.Port == port);
}
