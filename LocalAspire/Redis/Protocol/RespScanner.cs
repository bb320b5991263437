using System.Buffers.Text;

namespace StackExchange.Redis;

/// <summary>
/// Finds the end of one reply without reading its content, and remembers how far it got, so that a reply that arrives in many
/// pieces is walked once.
/// <code>
/// reply = ("+" | "-" | ":") line | "$" length CRLF bytes CRLF | "$-1" CRLF | "*" count CRLF reply… | "*-1" CRLF
/// </code>
/// </summary>
internal struct RespScanner
{
    // Redis' own limit of one value; anything longer is not RESP.
    private const long LongestValue = 512L * 1024 * 1024;
    private const int LongestLine = 64 * 1024;

    private int _position;
    private long _open;
    private bool _started;

    /// <summary>Looks at the bytes from the reply's start on; more of them each time until it returns true.</summary>
    /// <param name="data">What has arrived of the reply, perhaps with bytes of the next one.</param>
    /// <param name="length">The reply's length when complete, else the least length it will have.</param>
    /// <exception cref="RedisConnectionException">This is not RESP2.</exception>
    internal bool TryFindEnd(ReadOnlySpan<byte> data, out int length)
    {
        if (!_started)
            (_started, _open, _position) = (true, 1, 0);

        while (_open > 0)
        {
            length = _position + 3;
            if (data.Length < length)
                return false;

            var line = data[_position..];
            var end = line.IndexOf((byte)'\n');
            if (end < 0)
            {
                length = data.Length + 1;
                return line.Length < LongestLine ? false : throw NotResp(line);
            }

            var next = _position + end + 1;
            switch (line[0])
            {
                case (byte)'+' or (byte)'-' or (byte)':':
                    break;
                case (byte)'$':
                    next += BodyLength(line[..end]);
                    break;
                case (byte)'*':
                    _open += Math.Max(0, Number(line[..end]));
                    break;
                default:
                    throw NotResp(line);
            }

            length = next;
            if (data.Length < next)
                return false;

            if (data[next - 2] != '\r' || data[next - 1] != '\n')
                throw NotResp(line);

            _position = next;
            _open--;
        }

        length = _position;
        this = default;
        return true;
    }

    private static int BodyLength(ReadOnlySpan<byte> line)
    {
        var length = Number(line);
        return length < 0 ? 0 : length <= LongestValue ? (int)length + 2 : throw NotResp(line);
    }

    private static long Number(ReadOnlySpan<byte> line) =>
        Utf8Parser.TryParse(line[1..], out long number, out var used) && used == line.Length - 2 && number >= -1
            ? number
            : throw NotResp(line);

    private static RedisConnectionException NotResp(ReadOnlySpan<byte> line) =>
        new(ConnectionFailureType.ProtocolFailure, $"The server sent something that is not RESP2, starting with byte {line[0]}.");
}
