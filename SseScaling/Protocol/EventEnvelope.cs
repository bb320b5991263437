using System.Buffers.Text;
using System.Text;

namespace SseScaling.Protocol;

/// <summary>One event as it travels on a topic's Redis channel and as it is kept in the topic's stream.</summary>
/// <remarks>
/// <code>
/// message  = envelope / plain
/// plain    = *OCTET                      ; any client's PUBLISH: the payload is the data, as it is
/// envelope = %x01 position SP published SP trace SP [event] [HTAB collapse] LF data
/// position = "-" / EventPosition        ; "-": not durable, so without an id
/// published = 1*19DIGIT                  ; microseconds since 1970-01-01 UTC by the publisher's clock
/// trace    = "-" / traceparent           ; W3C Trace Context
/// event    = SSE event name              ; empty: onmessage
/// collapse = key                         ; of waiting events with one key only the latest counts
/// data     = JSON text, unchanged
/// </code>
/// JSON cannot begin with 0x01, so an envelope is never mistaken for a plain payload. What begins with 0x01 but does not
/// follow the grammar is taken as plain. The slices share the memory that was parsed.
/// </remarks>
internal readonly struct EventEnvelope
{
    private const byte Mark = 1;

    /// <summary>Where the event stands in the topic's stream; <see cref="EventPosition.None"/> when it is not durable.</summary>
    public EventPosition Position { get; private init; }

    /// <summary>When it was published, in microseconds since 1970-01-01 UTC; 0 when unknown (plain).</summary>
    public long PublishedMicros { get; private init; }

    /// <summary>The publisher's W3C traceparent; empty when there was none.</summary>
    public ReadOnlyMemory<byte> TraceParent { get; private init; }

    /// <summary>The SSE event name in UTF-8; empty when the publisher named none.</summary>
    public ReadOnlyMemory<byte> EventName { get; private init; }

    /// <summary>The collapse key in UTF-8; empty when the publisher named none.</summary>
    public ReadOnlyMemory<byte> Collapse { get; private init; }

    /// <summary>The published JSON, byte for byte.</summary>
    public ReadOnlyMemory<byte> Data { get; private init; }

    /// <summary>Whether the event is kept in the topic's stream.</summary>
    public bool IsDurable => !Position.IsNone;

    /// <summary>Reads a message of a topic's channel or an entry of its stream. Never fails: see the grammar.</summary>
    public static EventEnvelope Parse(ReadOnlyMemory<byte> message) =>
        TryParse(message, out var envelope) ? envelope : new EventEnvelope { Data = message };

    /// <summary>
    /// Writes all of an envelope behind its position (<c>published SP trace SP [event] [HTAB collapse] LF data</c>). The publishing script puts
    /// the mark and the position that it counted in front.
    /// </summary>
    public static byte[] FormatTail(long publishedMicros, string? traceParent, string? eventName, ReadOnlySpan<byte> data, string? collapse = null)
    {
        traceParent ??= "-";
        eventName = collapse is null ? eventName ?? "" : eventName + "\t" + collapse;
        Span<byte> number = stackalloc byte[20];
        Utf8Formatter.TryFormat(publishedMicros, number, out var digits);
        var tail = new byte[digits + 1 + Encoding.UTF8.GetByteCount(traceParent) + 1 + Encoding.UTF8.GetByteCount(eventName) + 1 + data.Length];
        number[..digits].CopyTo(tail);
        var at = digits;
        tail[at++] = (byte)' ';
        at += Encoding.UTF8.GetBytes(traceParent, tail.AsSpan(at));
        tail[at++] = (byte)' ';
        at += Encoding.UTF8.GetBytes(eventName, tail.AsSpan(at));
        tail[at++] = (byte)'\n';
        data.CopyTo(tail.AsSpan(at));
        return tail;
    }

    /// <summary>Writes a whole envelope. In Redis the publishing script does this; here it serves the in-memory backplane and tests.</summary>
    /// <param name="position">The event's place, or <see cref="EventPosition.None"/> when it is not durable.</param>
    /// <param name="tail">What <see cref="FormatTail"/> made.</param>
    public static byte[] Format(EventPosition position, ReadOnlySpan<byte> tail)
    {
        Span<byte> text = stackalloc byte[EventPosition.MaxTextLength];
        var length = 1;
        if (position.IsNone)
            text[0] = (byte)'-';
        else
            length = position.Format(text);
        var envelope = new byte[1 + length + 1 + tail.Length];
        envelope[0] = Mark;
        text[..length].CopyTo(envelope.AsSpan(1));
        envelope[1 + length] = (byte)' ';
        tail.CopyTo(envelope.AsSpan(length + 2));
        return envelope;
    }

    private static bool TryParse(ReadOnlyMemory<byte> message, out EventEnvelope envelope)
    {
        envelope = default;
        var span = message.Span;
        if (span.Length < 2 || span[0] != Mark)
            return false;
        var headerEnd = span.IndexOf((byte)'\n');
        if (headerEnd < 0)
            return false;
        var header = span[1..headerEnd];
        var position = Take(ref header);
        var published = Take(ref header);
        var trace = Take(ref header);
        if (position.Length == 0 || trace.Length == 0)
            return false;
        var place = EventPosition.None;
        if (!position.SequenceEqual("-"u8) && (!EventPosition.TryParse(position, out place) || place.Offset < 1))
            return false;
        if (!Utf8Parser.TryParse(published, out long micros, out var used) || used != published.Length || micros < 0)
            return false;
        var traceAt = 1 + position.Length + 1 + published.Length + 1;
        var name = message[(headerEnd - header.Length)..headerEnd];
        var tab = header.IndexOf((byte)'\t');
        envelope = new EventEnvelope
        {
            Position = place,
            PublishedMicros = micros,
            TraceParent = trace.SequenceEqual("-"u8) ? default : message.Slice(traceAt, trace.Length),
            EventName = tab < 0 ? name : name[..tab],
            Collapse = tab < 0 ? default : name[(tab + 1)..],
            Data = message[(headerEnd + 1)..],
        };
        return true;
    }

    /// <summary>Takes the bytes up to the next space, which is consumed as well; empty when there is none.</summary>
    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest)
    {
        var space = rest.IndexOf((byte)' ');
        if (space < 0)
            return default;
        var taken = rest[..space];
        rest = rest[(space + 1)..];
        return taken;
    }
}
