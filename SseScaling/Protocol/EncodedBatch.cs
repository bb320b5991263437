using System.Text;

namespace SseScaling.Protocol;

/// <summary>
/// Events of one topic in their wire form, encoded once for all subscribers. A subscriber that needs only the later ones takes a
/// slice; one with an id line of its own (several topics) or with a filter takes the events' bodies.
/// </summary>
internal sealed class EncodedBatch
{
    // Known by its reference: the text itself may be published.
    private static readonly string Absent = new('-', 1);

    private readonly byte[] _bytes;
    private readonly EncodedEvent[] _events;
    private Frame? _whole;
    private Column[] _columns = [];

    public EncodedBatch(byte[] bytes, EncodedEvent[] events)
    {
        _bytes = bytes;
        _events = events;
    }

    public int Count => _events.Length;

    public ReadOnlySpan<EncodedEvent> Events => _events;

    /// <summary>All events as one frame.</summary>
    public Frame Whole => _whole ??= Cut(0, Count);

    /// <summary>The events from one index up to another (exclusive) as one frame that shares the bytes.</summary>
    public Frame Slice(int from, int to) => from == 0 && to == Count ? Whole : Cut(from, to);

    /// <summary>The bytes of one event without its id line.</summary>
    public ReadOnlySpan<byte> Body(int index) => _bytes.AsSpan(_events[index].Body, _events[index].End - _events[index].Body);

    /// <summary>A property of one event's JSON (<see cref="EventJson.Read"/>), read once however many subscribers ask; null when there is none.</summary>
    public string? PropertyOf(int index, string property) => Read(property, index);

    /// <summary>The SSE event name, read once; null when the event has none.</summary>
    public string? NameOf(int index) => Read(null, index);

    /// <summary>Whether one event's data is JSON: of a plain PUBLISH, which alone carries no time, nobody has checked that.</summary>
    public bool IsJson(int index) => _events[index].PublishedMicros > 0 || EventJson.IsJson(_events[index].Data.Span);

    /// <summary>Index of the first event behind a position, or <see cref="Count"/>. Events without a position come with their neighbours.</summary>
    public int IndexBehind(long offset)
    {
        for (var i = _events.Length - 1; i >= 0; i--)
        {
            if (!_events[i].Position.IsNone && _events[i].Position.Offset <= offset)
                return i + 1;
        }

        return 0;
    }

    private Frame Cut(int from, int to)
    {
        var start = _events[from].Start;
        return new Frame(_bytes, start, _events[to - 1].End - start, to - from);
    }

    private string? Read(string? property, int index)
    {
        // Two dispatchers never work on one batch, but replays share one: a lost race only reads the same text twice.
        var value = ColumnOf(property)[index] ??= (property is null ? ReadName(index) : EventJson.Read(_events[index].Data.Span, property)) ?? Absent;
        return ReferenceEquals(value, Absent) ? null : value;
    }

    private string?[] ColumnOf(string? property)
    {
        foreach (var column in _columns)
        {
            if (column.Property == property)
                return column.Values;
        }

        var values = new string?[Count];
        _columns = [.. _columns, new Column(property, values)];
        return values;
    }

    private string? ReadName(int index)
    {
        var body = Body(index);
        return body.StartsWith("event: "u8) ? Encoding.UTF8.GetString(body[7..body.IndexOf((byte)'\n')]) : null;
    }

    /// <summary>What was read of the events, by index.</summary>
    /// <param name="Property">A property of their JSON; null: their names.</param>
    /// <param name="Values">Null where nothing was read yet.</param>
    private readonly record struct Column(string? Property, string?[] Values);
}

/// <summary>Where one event stands in its batch.</summary>
/// <param name="Start">First byte, which is the id line's if there is one.</param>
/// <param name="Body">First byte behind the id line.</param>
/// <param name="End">Behind the last byte.</param>
/// <param name="Position">Its place in the stream; none when it is not durable.</param>
/// <param name="PublishedMicros">Unix microseconds; 0 when unknown.</param>
/// <param name="Data">The published JSON.</param>
/// <param name="Collapse">Of waiting events with the same key only the latest counts; empty: none.</param>
internal readonly record struct EncodedEvent(
    int Start, int Body, int End, EventPosition Position, long PublishedMicros, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Collapse);
