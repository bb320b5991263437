using System.Buffers;
using System.Globalization;
using System.Text;

namespace SseScaling.LoadTest.Clients;

/// <summary>What a response's head says.</summary>
/// <param name="Status">The status code; 0 if there is none.</param>
/// <param name="ContentType">The content type; empty if there is none.</param>
/// <param name="Chunked">Whether the body comes in chunks.</param>
/// <param name="Length">The body's length in bytes; -1 if it is not said.</param>
/// <param name="RetryAfter">How long the server asks to wait.</param>
internal sealed record ResponseHead(int Status, string ContentType, bool Chunked, long Length, TimeSpan? RetryAfter)
{
    /// <summary>Whether this is an event stream that goes on.</summary>
    public bool IsEventStream => Status == 200 && ContentType.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads status line and header lines.</summary>
    public static ResponseHead Parse(ReadOnlySpan<byte> head)
    {
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        var status = lines[0].Split(' ') is [_, var code, ..] && int.TryParse(code, CultureInfo.InvariantCulture, out var number) ? number : 0;
        string Header(string name) => lines.FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            ?[(name.Length + 1)..].Trim() ?? "";
        TimeSpan? retryAfter = int.TryParse(Header("Retry-After"), CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
        var chunked = Header("Transfer-Encoding").Contains("chunked", StringComparison.OrdinalIgnoreCase);
        var length = long.TryParse(Header("Content-Length"), CultureInfo.InvariantCulture, out var bytes) ? bytes : -1;
        return new ResponseHead(status, Header("Content-Type"), chunked, length, retryAfter);
    }
}

/// <summary>Reads an HTTP/1.1 response incrementally: the head, then a body, chunked, of a given length or to the end, that is handed on as it comes.</summary>
internal struct HttpStream
{
    private const int MaxHead = 16 << 10;

    private enum Part { Head, Plain, Sized, Size, Data, DataEnd, Ended, Broken }

    private Part _part;
    private byte[]? _head;
    private int _headLength;
    private long _left;
    private bool _inExtension;

    /// <summary>The response's head once it is complete.</summary>
    public ResponseHead? Head { get; private set; }

    /// <summary>The body's end was read: the server ended it in good order.</summary>
    public readonly bool Ended => _part == Part.Ended;

    /// <summary>What was read is no HTTP.</summary>
    public readonly bool Broken => _part == Part.Broken;

    /// <summary>Starts again for a new connection.</summary>
    public void Reset()
    {
        if (_head is not null) ArrayPool<byte>.Shared.Return(_head);
        this = default;
    }

    /// <summary>Takes the next piece of the body out of <paramref name="bytes"/>, which moves on; empty when more must be received.</summary>
    public ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            switch (_part)
            {
                case Part.Head: ReadHead(ref bytes); break;
                case Part.Size: ReadSize(ref bytes); break;
                case Part.DataEnd: ReadDataEnd(ref bytes); break;
                case Part.Plain: return Take(ref bytes, bytes.Length);
                case Part.Sized:
                case Part.Data:
                    var piece = Take(ref bytes, (int)Math.Min(_left, bytes.Length));
                    _left -= piece.Length;
                    if (_left == 0) (_part, _left) = _part == Part.Data ? (Part.DataEnd, 2) : (Part.Ended, 0);
                    return piece;
                default: bytes = default; break;
            }
        }
        return default;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        var piece = bytes[..count];
        bytes = bytes[count..];
        return piece;
    }

    private void ReadHead(ref ReadOnlySpan<byte> bytes)
    {
        _head ??= ArrayPool<byte>.Shared.Rent(MaxHead);
        var taken = Math.Min(bytes.Length, MaxHead - _headLength);
        bytes[..taken].CopyTo(_head.AsSpan(_headLength));
        var before = _headLength;
        _headLength += taken;
        var end = _head.AsSpan(0, _headLength).IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            bytes = bytes[taken..];
            if (_headLength == MaxHead) _part = Part.Broken;
            return;
        }
        bytes = bytes[(end + 4 - before)..];
        Head = ResponseHead.Parse(_head.AsSpan(0, end));
        _left = Head.Chunked ? 0 : Math.Max(0, Head.Length);
        _part = Head switch
        {
            { Status: 0 } => Part.Broken,
            { Chunked: true } => Part.Size,
            { Length: 0 } or { Status: 204 } => Part.Ended,
            { Length: > 0 } => Part.Sized,
            _ => Part.Plain,
        };
        ArrayPool<byte>.Shared.Return(_head);
        _head = null;
    }

    private void ReadSize(ref ReadOnlySpan<byte> bytes)
    {
        var next = bytes[0];
        bytes = bytes[1..];
        if (next == '\n')
        {
            (_part, _inExtension) = (_left == 0 ? Part.Ended : Part.Data, false);
            return;
        }
        if (_inExtension || next is (byte)'\r' or (byte)' ') return;
        if (next == ';') _inExtension = true;
        else if (Digit(next) is >= 0 and var digit && _left < 1L << 40) _left = _left * 16 + digit;
        else _part = Part.Broken;
    }

    private static int Digit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };

    private void ReadDataEnd(ref ReadOnlySpan<byte> bytes)
    {
        var taken = (int)Math.Min(_left, bytes.Length);
        bytes = bytes[taken..];
        _left -= taken;
        if (_left == 0) _part = Part.Size;
    }
}
