using System.Buffers;

namespace SseScaling.Protocol;

/// <summary>Writes events in the form of the HTML standard's event streams (https://html.spec.whatwg.org/multipage/server-sent-events.html).</summary>
/// <remarks>
/// <code>
/// event = [ "id: " position LF ] [ "event: " name LF ] 1*( "data: " line LF ) LF
/// </code>
/// Line breaks inside the data (CR LF, CR or LF, all of which end a line in an event stream) become further <c>data:</c> lines, so nothing that
/// was published can start a field of its own. Stateless; each thread may encode.
/// </remarks>
internal static class SseEncoder
{
    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\r\n"u8);

    /// <summary>Encodes events in order. Allocates one buffer for all of them, whatever the number of subscribers.</summary>
    /// <param name="envelopes">At least one.</param>
    public static EncodedBatch Encode(ReadOnlySpan<EventEnvelope> envelopes)
    {
        var events = new EncodedEvent[envelopes.Length];
        var size = 0;
        foreach (ref readonly var envelope in envelopes)
            size += SizeOf(envelope);
        var bytes = GC.AllocateUninitializedArray<byte>(size);
        var at = 0;
        for (var i = 0; i < envelopes.Length; i++)
            events[i] = Write(envelopes[i], bytes, ref at);
        return new EncodedBatch(bytes, events);
    }

    private static EncodedEvent Write(in EventEnvelope envelope, byte[] bytes, ref int at)
    {
        var start = at;
        if (envelope.IsDurable)
        {
            Append("id: "u8, bytes, ref at);
            at += envelope.Position.Format(bytes.AsSpan(at));
            bytes[at++] = (byte)'\n';
        }

        var body = at;
        if (HasName(envelope))
        {
            Append("event: "u8, bytes, ref at);
            Append(envelope.EventName.Span, bytes, ref at);
            bytes[at++] = (byte)'\n';
        }

        var rest = envelope.Data.Span;
        do
        {
            var line = TakeLine(ref rest, out var more);
            Append("data: "u8, bytes, ref at);
            Append(line, bytes, ref at);
            bytes[at++] = (byte)'\n';
            if (!more)
                break;
        }
        while (true);
        bytes[at++] = (byte)'\n';
        return new EncodedEvent(start, body, at, envelope.Position, envelope.PublishedMicros, envelope.Data, envelope.Collapse);
    }

    /// <summary>An upper bound: the room of a position is reserved in full, since only its digits decide its length.</summary>
    private static int SizeOf(in EventEnvelope envelope)
    {
        var size = envelope.IsDurable ? "id: \n".Length + EventPosition.MaxTextLength : 0;
        if (HasName(envelope))
            size += "event: \n".Length + envelope.EventName.Length;
        return size + (CountLines(envelope.Data.Span) * "data: \n".Length) + envelope.Data.Length + 1;
    }

    // A name with a line break cannot come through the API; whoever writes envelopes to Redis by hand gets no field out of it.
    private static bool HasName(in EventEnvelope envelope) =>
        envelope.EventName.Length > 0 && !envelope.EventName.Span.ContainsAny(LineBreaks);

    private static int CountLines(ReadOnlySpan<byte> data)
    {
        var lines = 0;
        bool more;
        do
        {
            TakeLine(ref data, out more);
            lines++;
        }
        while (more);
        return lines;
    }

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> rest, out bool more)
    {
        var end = rest.IndexOfAny(LineBreaks);
        more = end >= 0;
        if (!more)
            return rest;
        var line = rest[..end];
        var width = rest[end] == '\r' && end + 1 < rest.Length && rest[end + 1] == '\n' ? 2 : 1;
        rest = rest[(end + width)..];
        return line;
    }

    private static void Append(ReadOnlySpan<byte> text, byte[] bytes, ref int at)
    {
        text.CopyTo(bytes.AsSpan(at));
        at += text.Length;
    }
}
