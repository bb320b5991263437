using System.Buffers.Text;
using System.Security.Cryptography;

namespace SseScaling.Protocol;

/// <summary>
/// A place in one topic's stream: the epoch names the stream, the offset counts its durable events from 1.
/// A flushed or recreated stream has another epoch, so a position of the old one is never mistaken for one of the new.
/// </summary>
/// <remarks>
/// Text form, as it stands in an SSE <c>id:</c> line and in Redis: <c>epoch "-" offset</c>, epoch in lower-case hexadecimal
/// (at most 12 digits), offset in decimal, both without leading zeros. <c>0-0</c> is <see cref="None"/>. This type has the only
/// parser and the only formatter.
/// </remarks>
/// <param name="Epoch">The stream's random name, 1 to 2^48 - 1; 0 where no stream exists yet.</param>
/// <param name="Offset">Number of the last event at or before this place, 0 to 2^53.</param>
internal readonly record struct EventPosition(ulong Epoch, long Offset)
{
    /// <summary>The longest text form in bytes: 12 hexadecimal digits, a hyphen, 16 decimal digits.</summary>
    public const int MaxTextLength = 12 + 1 + 16;

    private const ulong MaxEpoch = (1UL << 48) - 1;

    // Redis counts in the doubles of Lua, which are exact up to here; an id beyond it is none that a server has sent, and near the end of a long it overflows.
    private const long MaxOffset = 1L << 53;

    /// <summary>The place before the first event of a topic that has no stream yet.</summary>
    public static EventPosition None => default;

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => Epoch == 0;

    /// <summary>The place of the event behind this one.</summary>
    public EventPosition Next => this with { Offset = Offset + 1 };

    /// <summary>Makes a new epoch. 48 random bits: two streams of one topic share one with a chance of 1 in 2.8e14.</summary>
    public static ulong NewEpoch()
    {
        Span<byte> bytes = stackalloc byte[8];
        ulong epoch;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            epoch = BitConverter.ToUInt64(bytes) & MaxEpoch;
        }
        while (epoch == 0);
        return epoch;
    }

    /// <summary>Reads the text form; false for anything that <see cref="Format"/> would not have written.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out EventPosition position)
    {
        position = default;
        var hyphen = text.IndexOf((byte)'-');
        if (hyphen is < 1 or > 12 || text.Length > MaxTextLength || text[hyphen..].Length < 2)
            return false;
        var epochText = text[..hyphen];
        var offsetText = text[(hyphen + 1)..];
        if (HasLeadingZero(epochText) || HasLeadingZero(offsetText) || epochText.ContainsAnyInRange((byte)'A', (byte)'F')
            || !Utf8Parser.TryParse(epochText, out ulong epoch, out var used, 'x') || used != epochText.Length
            || offsetText[0] is < (byte)'0' or > (byte)'9'
            || !Utf8Parser.TryParse(offsetText, out long offset, out used) || used != offsetText.Length || offset > MaxOffset
            || (epoch == 0 && offset != 0))
            return false;
        position = new EventPosition(epoch, offset);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out EventPosition)"/>
    public static bool TryParse(ReadOnlySpan<char> text, out EventPosition position)
    {
        Span<byte> ascii = stackalloc byte[MaxTextLength];
        position = default;
        return text.Length <= MaxTextLength && System.Text.Ascii.FromUtf16(text, ascii, out var length) == System.Buffers.OperationStatus.Done
            && TryParse(ascii[..length], out position);
    }

    /// <summary>Writes the text form and returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxTextLength"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int Format(Span<byte> destination)
    {
        if (!Utf8Formatter.TryFormat(Epoch, destination, out var length, 'x') || length == destination.Length)
            throw new ArgumentException($"A position needs up to {MaxTextLength} bytes.", nameof(destination));
        destination[length++] = (byte)'-';
        if (!Utf8Formatter.TryFormat(Offset, destination[length..], out var digits))
            throw new ArgumentException($"A position needs up to {MaxTextLength} bytes.", nameof(destination));
        return length + digits;
    }

    /// <summary>The text form.</summary>
    public override string ToString()
    {
        Span<byte> text = stackalloc byte[MaxTextLength];
        return System.Text.Encoding.ASCII.GetString(text[..Format(text)]);
    }

    private static bool HasLeadingZero(ReadOnlySpan<byte> digits) => digits.Length > 1 && digits[0] == (byte)'0';
}
