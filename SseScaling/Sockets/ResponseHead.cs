using System.Text;

namespace SseScaling.Sockets;

/// <summary>The head of a response as the web server wrote it, for a body that the server will not write.</summary>
internal static class ResponseHead
{
    /// <summary>
    /// Has the end of the connection delimit the body (RFC 9112, section 6.3): no chunk headers, so that one buffer serves all connections as it is.
    /// </summary>
    /// <param name="head">The status line and the fields, up to and with the empty line.</param>
    public static byte[] DelimitedByClose(ReadOnlySpan<byte> head)
    {
        var result = new byte[head.Length + "Connection: close\r\n"u8.Length];
        var length = 0;
        while (head.IndexOf("\r\n"u8) is > 0 and var end)
        {
            var line = head[..(end + 2)];
            head = head[line.Length..];
            if (!Has(line, "Transfer-Encoding:"u8) && !Has(line, "Content-Length:"u8) && !Has(line, "Connection:"u8))
                length += Append(line, result, length);
        }

        length += Append("Connection: close\r\n\r\n"u8, result, length);
        return result[..length];
    }

    private static bool Has(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) => line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);

    private static int Append(ReadOnlySpan<byte> line, Span<byte> result, int at)
    {
        line.CopyTo(result[at..]);
        return line.Length;
    }
}
