using System.Buffers;
using System.Text;

namespace SseScaling.Api.DirectSockets.AtAccept;

/// <summary>
/// The part of an HTTP/1.1 request that a stream needs. It knows only the plainest form of one (RFC 9112): whatever is not is left to the web
/// server, which knows them all and words the errors.
/// </summary>
/// <param name="Path">The path, as sent.</param>
/// <param name="Query">The query with its question mark, or empty.</param>
/// <param name="LastEventId">The header's value; null when there is none.</param>
internal readonly record struct RequestHead(string Path, string Query, string? LastEventId)
{
    private static readonly SearchValues<byte> FieldCharacters =
        SearchValues.Create([(byte)'\t', .. Enumerable.Range(0x20, 0x7f - 0x20).Select(c => (byte)c)]);

    private static readonly SearchValues<byte> HostCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]"u8);

    /// <summary>Reads a complete head of a GET without a body; false for anything else.</summary>
    /// <param name="bytes">What the client sent so far.</param>
    /// <param name="paths">The paths that are served.</param>
    /// <param name="head">The head.</param>
    /// <param name="length">Its length, with the empty line.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ReadOnlySpan<string> paths, out RequestHead head, out int length)
    {
        head = default;
        length = bytes.IndexOf("\r\n\r\n"u8) + 4;
        if (length < 4 || !bytes.StartsWith("GET /"u8))
            return false;
        var rest = bytes[4..(length - 2)];
        var line = TakeLine(ref rest);
        if (!line.EndsWith(" HTTP/1.1"u8))
            return false;
        var target = line[..^" HTTP/1.1".Length];
        var question = target.IndexOf((byte)'?');
        var path = Match(question < 0 ? target : target[..question], paths);
        if (path is null || target.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e))
            return false;
        if (!TryReadFields(rest, out var lastEventId))
            return false;
        head = new RequestHead(path, question < 0 ? "" : Encoding.ASCII.GetString(target[question..]), lastEventId);
        return true;
    }

    private static bool TryReadFields(ReadOnlySpan<byte> rest, out string? lastEventId)
    {
        lastEventId = null;
        var hosts = 0;
        while (!rest.IsEmpty)
        {
            var line = TakeLine(ref rest);
            var colon = line.IndexOf((byte)':');
            if (colon < 1 || line[..colon].ContainsAnyExceptInRange((byte)0x21, (byte)0x7e) || line.ContainsAnyExcept(FieldCharacters))
                return false;
            var (name, value) = new Field(line, colon);
            if (Is(name, "host"u8) && IsHost(value))
                hosts++;
            else if (Is(name, "last-event-id"u8) && lastEventId is null)
                lastEventId = Encoding.ASCII.GetString(value);
            else if (IsForTheServer(name))
                return false;
        }

        return hosts == 1;
    }

    // A body, an upgrade, an expectation, or a field that is odd or comes twice: nothing that a plain stream request carries.
    private static bool IsForTheServer(ReadOnlySpan<byte> name) =>
        Is(name, "content-length"u8) || Is(name, "transfer-encoding"u8) || Is(name, "upgrade"u8) || Is(name, "expect"u8) || Is(name, "http2-settings"u8)
        || Is(name, "host"u8) || Is(name, "last-event-id"u8);

    private static bool IsHost(ReadOnlySpan<byte> value)
    {
        var port = value[(value.LastIndexOf((byte)':') + 1)..];
        return !value.ContainsAnyExcept(HostCharacters)
            && (port.Length == value.Length || value[^1] == (byte)']' || !port.ContainsAnyExceptInRange((byte)'0', (byte)'9'));
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower) => Ascii.EqualsIgnoreCase(name, lower);

    private static string? Match(ReadOnlySpan<byte> path, ReadOnlySpan<string> paths)
    {
        foreach (var known in paths)
        {
            if (Ascii.Equals(path, known))
                return known;
        }

        return null;
    }

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf("\r\n"u8);
        var line = rest[..end];
        rest = rest[(end + 2)..];
        return line;
    }

    private readonly ref struct Field(ReadOnlySpan<byte> line, int colon)
    {
        private readonly ReadOnlySpan<byte> _name = line[..colon];
        private readonly ReadOnlySpan<byte> _value = line[(colon + 1)..].Trim(" \t"u8);

        public void Deconstruct(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
        {
            name = _name;
            value = _value;
        }
    }
}
