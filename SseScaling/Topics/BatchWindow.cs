using System.Text;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>What waits to become one event of a stream: <c>{"batch":[…]}</c>. Guarded by the lock of its stream's subscription set.</summary>
/// <param name="length">How long the first one waits.</param>
internal sealed class BatchWindow(TimeSpan length)
{
    /// <summary>A window ends early at this size, as a frame does.</summary>
    public const int MaxBytes = TopicSequence.MaxBatchBytes;

    private const int MaxEvents = 1_000;

    private readonly List<Item> _items = [];
    private string? _name;
    private int _bytes;

    public TimeSpan Length => length;

    public bool IsEmpty => _items.Count == 0;

    public bool IsFull => _bytes >= MaxBytes || _items.Count >= MaxEvents;

    /// <summary>Whether an event may become one with those that wait: they share a listener in the browser.</summary>
    public bool Takes(EncodedBatch batch, int index) => IsEmpty || batch.NameOf(index) == _name;

    /// <summary>Adds an event, in place of a waiting one with the same collapse key.</summary>
    public void Add(EncodedBatch batch, int index)
    {
        if (IsEmpty)
            _name = batch.NameOf(index);
        var one = batch.Events[index];
        if (!one.Collapse.IsEmpty && _items.FindIndex(item => item.Collapse.Span.SequenceEqual(one.Collapse.Span)) is >= 0 and var earlier)
        {
            _bytes -= _items[earlier].Data.Length;
            _items.RemoveAt(earlier);
        }

        _items.Add(new Item(one.Data, one.Collapse));
        _bytes += one.Data.Length;
    }

    /// <summary>Makes one event of what waits, and is empty then.</summary>
    /// <param name="id">The last event's id; null when the stream's position has not moved.</param>
    public Frame Take(string? id)
    {
        using var bytes = new MemoryStream(_bytes + 128);
        if (id is not null)
            bytes.Write(Encoding.ASCII.GetBytes($"id: {id}\n"));
        if (_name is not null)
            bytes.Write(Encoding.UTF8.GetBytes($"event: {_name}\n"));

        bytes.Write("data: {\"batch\":["u8);
        for (var i = 0; i < _items.Count; i++)
        {
            if (i > 0)
                bytes.WriteByte((byte)',');
            Write(_items[i].Data.Span, bytes);
        }

        bytes.Write("]}\n\n"u8);
        var frame = new Frame(bytes.GetBuffer(), 0, (int)bytes.Length, _items.Count);
        _items.Clear();
        _bytes = 0;
        return frame;
    }

    // Between the tokens of JSON a line break is a space; within a string there is none.
    private static void Write(ReadOnlySpan<byte> json, MemoryStream bytes)
    {
        while (json.IndexOfAny("\r\n"u8) is >= 0 and var at)
        {
            bytes.Write(json[..at]);
            bytes.WriteByte((byte)' ');
            json = json[(at + 1)..];
        }

        bytes.Write(json);
    }

    private readonly record struct Item(ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Collapse);
}
