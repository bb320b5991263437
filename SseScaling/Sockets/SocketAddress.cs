using System.Buffers.Binary;
using System.Net;
using System.Runtime.Versioning;

namespace SseScaling.Sockets;

/// <summary>What the system calls a connection's ends: struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)).</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class SocketAddress
{
    /// <summary>The size of the longer one.</summary>
    public const int Size = 28;

    private const ushort IPv4 = 2;

    /// <summary>Reads an address; a mapped one (::ffff:1.2.3.4) stays what it is, as on the server's own transport.</summary>
    /// <param name="address">One of the two structures.</param>
    public static IPEndPoint Parse(ReadOnlySpan<byte> address)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return BitConverter.ToUInt16(address) == IPv4
            ? new IPEndPoint(new IPAddress(address.Slice(4, 4)), port)
            : new IPEndPoint(new IPAddress(address.Slice(8, 16), BitConverter.ToUInt32(address[24..])), port);
    }

    /// <summary>A connected socket's own end.</summary>
    public static IPEndPoint OfLocal(int descriptor)
    {
        var bytes = stackalloc byte[Size];
        var length = Size;
        Libc.GetLocalAddress(descriptor, bytes, &length);
        return Parse(new ReadOnlySpan<byte>(bytes, Size));
    }
}
