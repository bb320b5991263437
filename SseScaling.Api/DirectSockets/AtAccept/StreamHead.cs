using System.Globalization;
using System.Text;
using SseScaling.Api.Cluster;

namespace SseScaling.Api.DirectSockets.AtAccept;

/// <summary>The head of a response that the web server does not word, once for all streams of a second.</summary>
// The body is delimited by the connection's end (RFC 9112, section 6.3): no chunk headers, so that one buffer serves all connections as it is.
internal sealed class StreamHead(ReplicaStop replica, TimeProvider clock)
{
    private readonly string _fields =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache,no-transform\r\nX-Accel-Buffering: no\r\nConnection: close\r\n"
        + (replica.ServedBy is null ? "" : $"{ReplicaStop.Header}: {replica.ServedBy}\r\n") + "Date: ";

    private Dated _dated = new(0, []);

    /// <summary>The head with its date; not to be changed. Any thread.</summary>
    public byte[] Now()
    {
        var now = clock.GetUtcNow();
        var dated = _dated;
        if (dated.Second != now.ToUnixTimeSeconds())
            _dated = dated = new Dated(now.ToUnixTimeSeconds(), Encoding.ASCII.GetBytes(_fields + now.ToString("R", CultureInfo.InvariantCulture) + "\r\n\r\n"));
        return dated.Bytes;
    }

    private sealed record Dated(long Second, byte[] Bytes);
}
