using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>Who gets what is published on a topic, and up to which position all of it was given to them. Any thread.</summary>
/// <remarks>
/// Broadcasts run outside the lock, over an immutable view of the subscribers. The lock comes behind that of the subscriber's set (see
/// <see cref="SubscriptionSet"/>).
/// </remarks>
internal sealed class TopicMembers(Topic topic, Broadcast broadcast)
{
    private readonly Lock _gate = new();
    private readonly SubscriberList _live = new();
    private RecentEvents? _recent;
    private TailRead? _tail;
    private EventPosition _position;

    /// <summary>The position up to which all was given to the live subscribers. Set by the dispatcher only.</summary>
    public EventPosition Position
    {
        get
        {
            lock (_gate)
                return _position;
        }

        set
        {
            lock (_gate)
                _position = value;
        }
    }

    /// <summary>Lets a subscriber in: live where it stands at the topic's position; false where it needs a replay first.</summary>
    /// <param name="subscription">The subscriber.</param>
    /// <param name="begin">Called, under the lock, with where the subscriber stands: what is delivered comes behind it.</param>
    public bool TryJoin(Subscription subscription, Action<Subscription, EventPosition> begin)
    {
        lock (_gate)
        {
            var start = subscription.Resume ?? _position;
            begin(subscription, start);
            if (start == _position)
            {
                _live.Add(subscription);
                return true;
            }

            (_recent ??= new RecentEvents(_position)).Users++;
            return false;
        }
    }

    /// <summary>Lets a subscriber go live at the end of its replay, after the recent events that it lacks; false when it lacks more than those.</summary>
    public bool TryGoLive(Subscription subscription, EventPosition seen)
    {
        lock (_gate)
        {
            if (seen != _position)
            {
                if (_recent!.Since(seen) is not { } missing)
                    return false;
                var batch = SseEncoder.Encode(missing);
                subscription.Set.Deliver(subscription, batch, 0, batch.Count);
            }

            ReleaseRecent();
            _live.Add(subscription);
            return true;
        }
    }

    /// <summary>A subscriber is gone before the end of its replay.</summary>
    public void AbandonReplay()
    {
        lock (_gate)
            ReleaseRecent();
    }

    /// <summary>
    /// The page of history behind a position. Replays at the same time share it: one read of the stream, and one encoding, serve all that stand at or
    /// behind its start.
    /// </summary>
    public Task<EncodedPage> ReadTailAsync(EventPosition seen, Func<long, Task<EncodedPage>> read)
    {
        lock (_gate)
        {
            if (_tail is null || !_tail.Helps(seen))
                _tail = new TailRead(seen.Offset, read(seen.Offset));
            return _tail.Page;
        }
    }

    /// <summary>Takes a subscriber out; false when it was not live.</summary>
    public bool Remove(Subscription subscription)
    {
        lock (_gate)
            return _live.Remove(subscription);
    }

    /// <summary>Encodes events once and gives them to all live subscribers. Dispatcher only.</summary>
    /// <param name="events">At least one.</param>
    /// <param name="behind">Where the topic stands then.</param>
    public void Publish(ReadOnlySpan<EventEnvelope> events, EventPosition behind)
    {
        var batch = SseEncoder.Encode(events);
        ReadOnlySpan<Subscription> subscribers;
        lock (_gate)
        {
            _position = behind;
            _recent?.Add(events);
            subscribers = _live.View();
        }

        broadcast.Send(batch, subscribers, events);
    }

    /// <summary>Tells all live subscribers that history no longer holds what the topic missed. Dispatcher only.</summary>
    /// <param name="gap">The hole.</param>
    /// <param name="behind">Where the topic goes on.</param>
    public void PublishGap(Gap gap, EventPosition behind)
    {
        ReadOnlySpan<Subscription> subscribers;
        lock (_gate)
        {
            _position = behind;
            _recent?.Restart(behind);
            subscribers = _live.View();
        }

        broadcast.SendGap(topic.Name, gap, behind, subscribers);
    }

    private void ReleaseRecent()
    {
        if (--_recent!.Users == 0)
            (_recent, _tail) = (null, null);
    }
}
