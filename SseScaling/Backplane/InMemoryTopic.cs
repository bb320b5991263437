using SseScaling.Protocol;

namespace SseScaling.Backplane;

/// <summary>
/// One topic of the in-memory backplane: its receiver, its history and its idempotency keys, bounded and expiring as in Redis. Whoever
/// calls it holds <see cref="Gate"/>.
/// </summary>
internal sealed class InMemoryTopic(SseHistoryOptions options)
{
    // A page of the Redis backplane ends at the same size.
    private const int PageBytes = 256 * 1024;

    private readonly Queue<byte[]> _events = new();
    private readonly Dictionary<string, (PublishedEvent First, DateTimeOffset Expires)> _keys = new(StringComparer.Ordinal);
    private DateTimeOffset _lastDurable;

    public Lock Gate { get; } = new();

    public ITopicReceiver? Receiver { get; set; }

    /// <summary>Whether the topic has left the dictionary: whoever waited for the gate takes a new one.</summary>
    public bool Removed { get; set; }

    public EventPosition Head { get; private set; }

    /// <summary>Whether nothing is left that anybody could ask for.</summary>
    public bool IsEmpty => Receiver is null && Head.IsNone && _keys.Count == 0;

    private long First => Head.Offset + 1 - _events.Count;

    /// <summary>Drops the history and then the position when their time is over.</summary>
    public void Expire(DateTimeOffset now)
    {
        var idle = now - _lastDurable;
        if (idle >= options.Idle)
            _events.Clear();
        if (idle >= options.PositionIdle)
            Head = EventPosition.None;
    }

    /// <summary>Drops the idempotency keys whose time is over; a key that is asked for is checked on its own.</summary>
    public void ExpireKeys(DateTimeOffset now)
    {
        foreach (var (key, (_, expires)) in _keys)
        {
            if (expires <= now)
                _keys.Remove(key);
        }
    }

    /// <summary>Publishes one event, as the publishing script does.</summary>
    public PublishedEvent Publish(SseEvent draft, PublishStamp stamp, DateTimeOffset now)
    {
        if (draft.Key is { } key && _keys.TryGetValue(key, out var seen) && seen.Expires > now)
            return seen.First with { Repeated = true };

        var published = new PublishedEvent(draft.Durable ? Next() : EventPosition.None, Repeated: false);
        var envelope = EventEnvelope.Format(published.Position,
            EventEnvelope.FormatTail(stamp.Micros, stamp.TraceParent, draft.Type, draft.Data.Span, draft.Collapse));
        if (draft.Durable)
            Keep(envelope, now);
        if (draft.Key is not null)
            _keys[draft.Key] = (published, now + options.KeyLifetime);
        Receiver?.Receive(envelope);
        return published;
    }

    /// <summary>Reads one page, as the history script does.</summary>
    public HistoryPage Read(long afterOffset, int maxCount)
    {
        var page = new List<ReadOnlyMemory<byte>>();
        var bytes = 0;
        foreach (var envelope in _events.Skip((int)Math.Clamp(afterOffset - First + 1, 0, _events.Count)))
        {
            if (page.Count == maxCount || bytes >= PageBytes)
                break;
            page.Add(envelope);
            bytes += envelope.Length;
        }
        return new HistoryPage(Head, First, page);
    }

    private EventPosition Next() =>
        Head = Head.IsNone ? new EventPosition(EventPosition.NewEpoch(), 1) : Head with { Offset = Head.Offset + 1 };

    private void Keep(byte[] envelope, DateTimeOffset now)
    {
        _lastDurable = now;
        _events.Enqueue(envelope);
        if (_events.Count > options.Length)
            _events.Dequeue();
    }
}
