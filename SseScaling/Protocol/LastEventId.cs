using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SseScaling.Protocol;

/// <summary>What a client sends back as Last-Event-ID: where it stands in each topic of its stream.</summary>
/// <remarks>
/// <code>
/// id       = position                    ; a stream of one topic: the same bytes for all its subscribers
///          / part *( "," part )          ; a stream of several topics
/// part     = tag "." position
/// tag      = 8HEXDIG                     ; start of the SHA-256 of the topic's name: order and number of the topics may change between connections
/// </code>
/// This type has the only parser and formatter of it. <see cref="End"/> is no position: it never comes to the parser.
/// </remarks>
internal sealed class LastEventId
{
    /// <summary>
    /// The id of a stream that was ended for good. Whoever comes back with it is answered with 204 No Content, the one answer after which the HTML standard has an
    /// EventSource stop by itself. It stands in the client alone, so every replica knows it, also after a restart.
    /// </summary>
    public const string End = "end";

    private readonly EventPosition? _single;
    private readonly Dictionary<uint, EventPosition>? _byTag;

    private LastEventId(EventPosition? single, Dictionary<uint, EventPosition>? byTag)
    {
        _single = single;
        _byTag = byTag;
    }

    /// <summary>Whether the id is the short form, which says nothing of which topic it means.</summary>
    public bool IsSingle => _single is not null;

    /// <summary>Reads an id; null for anything that no stream of this server would have sent.</summary>
    /// <param name="text">The header's or the query's value, not empty.</param>
    public static LastEventId? Parse(string text)
    {
        if (EventPosition.TryParse(text, out var single))
            return new LastEventId(single, null);
        var byTag = new Dictionary<uint, EventPosition>();
        foreach (var range in text.AsSpan().Split(','))
        {
            var part = text.AsSpan()[range];
            if (part.Length < 9 || part[8] != '.'
                || !uint.TryParse(part[..8], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var tag)
                || !EventPosition.TryParse(part[9..], out var position) || !byTag.TryAdd(tag, position))
                return null;
        }

        return new LastEventId(null, byTag);
    }

    /// <summary>The position for one topic; null when the id names none, so that the topic starts live.</summary>
    public EventPosition? For(string topic) =>
        _single ?? (_byTag!.TryGetValue(Tag(topic), out var position) ? position : null);

    /// <summary>Writes the long form.</summary>
    /// <param name="tags">The topics' tags.</param>
    /// <param name="positions">As many positions, in the same order.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Format(ReadOnlySpan<uint> tags, ReadOnlySpan<EventPosition> positions, Span<byte> destination)
    {
        var at = 0;
        for (var i = 0; i < tags.Length; i++)
        {
            if (i > 0)
                destination[at++] = (byte)',';
            System.Buffers.Text.Utf8Formatter.TryFormat(tags[i], destination[at..], out var written, new('x', 8));
            at += written;
            destination[at++] = (byte)'.';
            at += positions[i].Format(destination[at..]);
        }

        return at;
    }

    /// <summary>The longest long form for a number of topics, in bytes.</summary>
    public static int MaxLength(int topics) => topics * (8 + 1 + EventPosition.MaxTextLength + 1);

    /// <summary>A topic's tag.</summary>
    public static uint Tag(string topic) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(topic)));
}
