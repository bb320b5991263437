using SseScaling.Protocol;

namespace SseScaling.Connections;

/// <summary>What waits for one client, in order. Not thread-safe: its connection's lock guards it.</summary>
internal sealed class Backlog
{
    private readonly Queue<Frame> _frames = new(4);
    private int _skip;

    /// <summary>Waiting bytes. Frames are shared, so this bounds what the client costs if nobody else waits for them.</summary>
    public int Bytes { get; private set; }

    public int Events { get; private set; }

    public bool IsEmpty => _frames.Count == 0;

    /// <param name="frame">The frame.</param>
    /// <param name="written">How many of its bytes were already written.</param>
    public void Add(Frame frame, int written)
    {
        if (written > 0)
            _skip = written;
        _frames.Enqueue(frame);
        Bytes += frame.Length - written;
        Events += frame.Events;
    }

    /// <summary>Lists what waits, at most <paramref name="max"/> pieces.</summary>
    public void CopyTo(List<ArraySegment<byte>> pieces, int max)
    {
        var skip = _skip;
        foreach (var frame in _frames)
        {
            if (pieces.Count == max)
                return;
            pieces.Add(frame.Segment(skip));
            skip = 0;
        }
    }

    /// <summary>Copies what waits, as much as fits, and returns how many bytes that are.</summary>
    public int CopyTo(Span<byte> buffer)
    {
        var (copied, skip) = (0, _skip);
        foreach (var frame in _frames)
        {
            var rest = frame.Span[skip..];
            var count = Math.Min(rest.Length, buffer.Length - copied);
            rest[..count].CopyTo(buffer[copied..]);
            copied += count;
            if (count < rest.Length)
                break;
            skip = 0;
        }

        return copied;
    }

    /// <summary>Removes bytes that were written; returns how many events were completed by it.</summary>
    public int Written(int bytes)
    {
        var events = 0;
        Bytes -= bytes;
        bytes += _skip;
        while (_frames.TryPeek(out var frame) && bytes >= frame.Length)
        {
            bytes -= frame.Length;
            events += frame.Events;
            _frames.Dequeue();
        }

        _skip = bytes;
        Events -= events;
        return events;
    }
}
