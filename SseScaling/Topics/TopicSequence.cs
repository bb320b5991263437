using SseScaling.Backplane;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>Puts what arrives on a topic in order, each event once and without a hole, whatever its live messages are. Dispatcher only.</summary>
/// <remarks>
/// Live messages may be missing, repeated or early. A repeated one is dropped; an early one, and all behind it, waits until the stream has been read up to it.
/// </remarks>
internal sealed class TopicSequence(Topic topic, Broadcast broadcast, HistoryReader history)
{
    /// <summary>At most so many events become one frame. Measured: 64 gives 1.9 M deliveries/s; more only adds latency.</summary>
    public const int MaxBatch = 64;

    /// <summary>A frame ends behind the event with which it exceeds this, so that one frame never fills a client's bound by itself.</summary>
    public const int MaxBatchBytes = 64 << 10;

    private const int MaxHeldBytes = 1 << 20;

    private TaskCompletionSource? _whenLive = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Queue<ReadOnlyMemory<byte>>? _held;
    private int _heldBytes;
    private bool _isRecovering;

    /// <summary>Completes when every later event will be seen and the topic's position is known. Any thread.</summary>
    public Task WhenLive => Volatile.Read(ref _whenLive)?.Task ?? Task.CompletedTask;

    private bool IsWaiting => _whenLive is not null || _isRecovering;

    /// <summary>Publishes what arrived and follows; what does not follow yet is held.</summary>
    public void Apply(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        var next = 0;
        if (!IsWaiting)
        {
            var events = new EventEnvelope[Math.Min(MaxBatch, messages.Length)];
            while (next < messages.Length && !IsWaiting)
                next += PublishSome(messages[next..], events);
        }

        foreach (var message in messages[next..])
            Hold(message);
    }

    /// <summary>The topic is subscribed, and this was its head afterwards.</summary>
    public void GoLive(EventPosition head)
    {
        topic.Members.Position = head;
        var live = _whenLive!;
        Volatile.Write(ref _whenLive, null);
        live.SetResult();
        ApplyHeld();
    }

    /// <summary>Reads the stream behind the position, because something is known or feared to be missing.</summary>
    public void Recover()
    {
        if (IsWaiting)
            return;
        _isRecovering = true;
        ReadOn();
    }

    /// <summary>
    /// The stream was seen to end before the position: Redis came back with older data. It will give out the lost offsets anew, so what was seen of
    /// them must be forgotten before that.
    /// </summary>
    public void GoBack(EventPosition head)
    {
        if (_whenLive is null && topic.Members.Position is var position && position.Epoch == head.Epoch && position.Offset > head.Offset)
            topic.Members.PublishGap(new Gap(null, head), head);
        Recover();
    }

    private void ReadOn() => _ = history.ReadBehindAsync(topic.Name, topic.Members.Position, page => topic.Dispatcher.Post(() => ApplyPage(page)));

    /// <summary>A page of history arrived that was read behind the position.</summary>
    private void ApplyPage(HistoryPage page)
    {
        var from = page.Continue(topic.Members.Position, out var gap);
        if (gap is { } hole)
            topic.Members.PublishGap(hole, from);
        else
            topic.Members.Position = from;
        var events = page.Events.Select(e => EventEnvelope.Parse(e)).SkipWhile(e => e.Position.Offset <= from.Offset).ToArray();
        if (events.Length > 0 && events[0].Position == from.Next)
            Publish(events);
        if (!page.Head.IsNone && topic.Members.Position.Offset < page.Head.Offset)
        {
            ReadOn();
            return;
        }

        _isRecovering = false;
        ApplyHeld();
    }

    /// <summary>Publishes the messages that follow, as many as the buffer has room for; returns how many are done with.</summary>
    private int PublishSome(ReadOnlySpan<ReadOnlyMemory<byte>> messages, EventEnvelope[] buffer)
    {
        var (taken, next, isEarly) = (0, 0, false);
        for (var seen = topic.Members.Position; next < messages.Length && taken < buffer.Length; next++)
        {
            var envelope = EventEnvelope.Parse(messages[next]);
            if (envelope.IsDurable)
            {
                var position = envelope.Position;
                if (position.Epoch == seen.Epoch && position.Offset <= seen.Offset)
                    continue;
                isEarly = position.Offset != seen.Offset + 1 || (position.Epoch != seen.Epoch && !seen.IsNone);
                if (isEarly)
                    break;
                seen = position;
            }

            buffer[taken++] = envelope;
        }

        Publish(buffer.AsSpan(0, taken));
        if (isEarly)
            Recover();
        return next;
    }

    /// <summary>Publishes events that follow, in frames of a bounded size.</summary>
    private void Publish(ReadOnlySpan<EventEnvelope> events)
    {
        var position = topic.Members.Position;
        while (events.Length > 0)
        {
            var (taken, bytes) = (0, 0);
            while (taken < events.Length && taken < MaxBatch && bytes < MaxBatchBytes)
            {
                position = events[taken].IsDurable ? events[taken].Position : position;
                bytes += events[taken++].Data.Length;
            }

            topic.Members.Publish(events[..taken], position);
            events = events[taken..];
        }
    }

    /// <summary>Keeps a message until the topic is complete up to it. Beyond the bound they are dropped: the stream has the durable ones.</summary>
    private void Hold(ReadOnlyMemory<byte> message)
    {
        _held ??= new Queue<ReadOnlyMemory<byte>>();
        if (_heldBytes + message.Length > MaxHeldBytes)
        {
            broadcast.Dropped(_held.Count);
            _held.Clear();
            _heldBytes = 0;
        }

        _held.Enqueue(message);
        _heldBytes += message.Length;
    }

    private void ApplyHeld()
    {
        if (_held is not { } held)
            return;
        (_held, _heldBytes) = (null, 0);
        Apply(held.ToArray());
    }
}
