using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>
/// The latest events of a topic, kept only while somebody catches up: what is published between the last page that was read from the stream and
/// the moment of going live. Guarded by the topic's lock.
/// </summary>
/// <param name="start">The position behind which the events follow without a hole.</param>
internal sealed class RecentEvents(EventPosition start)
{
    // A third of a client's bound in bytes: joining never ends a client that had half of it free. Beyond, the stream is read once more.
    private const int MaxBytes = 80 << 10;
    private const int MaxEvents = 1024;

    // What an event has on the wire beside its data: id line, field name, line ends.
    private const int EventOverhead = 48;

    private readonly Queue<EventEnvelope> _events = new();
    private EventPosition _start = start;
    private int _bytes;

    /// <summary>How many subscribers catch up.</summary>
    public int Users { get; set; }

    public void Add(ReadOnlySpan<EventEnvelope> envelopes)
    {
        foreach (var envelope in envelopes)
        {
            _events.Enqueue(envelope);
            _bytes += envelope.Data.Length + EventOverhead;
        }

        while (_bytes > MaxBytes || _events.Count > MaxEvents)
        {
            var oldest = _events.Dequeue();
            _bytes -= oldest.Data.Length + EventOverhead;
            if (oldest.IsDurable)
                _start = oldest.Position;
        }
    }

    /// <summary>Forgets all: the topic goes on behind another position.</summary>
    public void Restart(EventPosition position)
    {
        _events.Clear();
        _bytes = 0;
        _start = position;
    }

    /// <summary>The events behind a position; null when some of them are not here, or when there are none.</summary>
    public EventEnvelope[]? Since(EventPosition seen)
    {
        var fits = seen == _start || (seen.Epoch == _start.Epoch && seen.Offset > _start.Offset) || (_start.IsNone && seen.Offset > 0);
        if (!fits)
            return null;
        var missing = _events.SkipWhile(e => !e.IsDurable || (e.Position.Epoch == seen.Epoch && e.Position.Offset <= seen.Offset)).ToArray();
        return missing.Length > 0 && missing[0].Position.Offset == seen.Offset + 1 ? missing : null;
    }
}
