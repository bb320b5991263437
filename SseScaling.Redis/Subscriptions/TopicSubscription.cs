using System.Threading.Channels;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>
/// One topic: what it shall be (the latest wish), what Redis was brought to, and whether somebody is at work to bring the second to the first.
/// </summary>
/// <remarks>
/// <code>
///              a wish; Redis was interrupted, and it is renewed          done: the wish is fulfilled
///   (new) ─▶ settled ──────────────────────────────────────▶ working ──────────────────────────────▶ settled
///                                                             │  ▲ a newer wish, an interruption,      (a receiver, and SUBSCRIBE was answered
///                                                             │──┘ a failed attempt: once more          under the link's present count)
///                                                             └─ done, and no receiver is wanted ──▶ gone: out of the dictionary, the next wish takes a new one
/// </code>
/// Wishes come from any thread and count at once: from then on only the new receiver gets messages. All else is the worker's, of whom there is one at a time
/// (<see cref="TopicSubscriptions"/>), so a topic's SUBSCRIBE and UNSUBSCRIBE never overtake each other. Messages are delivered under the lock: no two at a time,
/// and none of a queue that was given up, which an application's connection may go on filling.
/// </remarks>
internal sealed class TopicSubscription(string topic)
{
    private readonly Lock _lock = new();
    private TopicWish _wish = new(receiver: null);
    private State _state;
    private ChannelMessageQueue? _queue;
    private int _madeUnder;

    private enum State
    {
        Settled,
        Working,
        Gone,
    }

    public string Topic => topic;

    /// <summary>Where the client library may know the topic's channel; the worker's.</summary>
    public IConnectionMultiplexer? Connection { get; set; }

    /// <summary>The present worker, or the last one.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    /// <summary>The link's count of interruptions before it was subscribed; 0 while it is not.</summary>
    public int MadeUnder => _madeUnder;

    /// <summary>Takes a newer wish, which ends the earlier one; false when the topic is gone.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="begin">Whether the caller must start a worker.</param>
    public bool TryWish(TopicWish wish, out bool begin)
    {
        TopicWish earlier;
        lock (_lock)
        {
            begin = _state == State.Settled;
            if (_state == State.Gone)
                return false;
            (earlier, _wish, _state) = (_wish, wish, State.Working);
        }

        earlier.Supersede();
        return true;
    }

    /// <summary>Takes a wish back that was not fulfilled yet; a worker is at it.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="failure">Why, for its caller; null: he knows.</param>
    public void Withdraw(TopicWish wish, Exception? failure = null)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_wish, wish) || wish.Fulfilled.IsCompleted)
                return;
            _wish = new TopicWish(receiver: null);
            if (failure is not null)
                wish.Fail(failure);
        }

        wish.Supersede();
    }

    /// <summary>Whether what was subscribed is not relied on any more.</summary>
    /// <param name="interruptions">The link's present count.</param>
    public bool IsStale(int interruptions)
    {
        lock (_lock)
            return _wish is { Receiver: not null, Fulfilled.IsCompletedSuccessfully: true } && _madeUnder != interruptions;
    }

    /// <summary>Makes the caller the worker if nobody is at work.</summary>
    public bool TryRenew()
    {
        lock (_lock)
        {
            if (_state != State.Settled)
                return false;
            _state = State.Working;
            return true;
        }
    }

    /// <summary>What the worker has to bring about; null when it is done, and ends.</summary>
    /// <param name="interruptions">The link's present count.</param>
    /// <param name="isGone">Whether nobody needs the topic any more.</param>
    public TopicWish? Next(int interruptions, out bool isGone)
    {
        lock (_lock)
        {
            isGone = _wish.Receiver is null && Connection is null;
            if (!isGone && (_wish.Receiver is null || _madeUnder != interruptions))
                return _wish;
            _state = isGone ? State.Gone : State.Settled;
            _wish.Fulfil();
            return null;
        }
    }

    /// <summary>From now on a queue's messages are delivered, and no others.</summary>
    /// <param name="queue">The queue; null: none.</param>
    /// <param name="interruptions">What <see cref="MadeUnder"/> says from now on.</param>
    /// <param name="failed">Told what ended the queue's reading, unless that was meant: nothing of it is delivered any more.</param>
    public void Make(ChannelMessageQueue? queue, int interruptions, Action<Exception> failed)
    {
        lock (_lock)
            (_queue, _madeUnder) = (queue, interruptions);
        if (queue is not null)
            InlineContext.Start(() => _ = ReadAsync(queue, failed));
    }

    /// <summary>From now on nothing is delivered, until it is made again.</summary>
    public void Drop()
    {
        lock (_lock)
            _queue = null;
    }

    private async Task ReadAsync(ChannelMessageQueue queue, Action<Exception> failed)
    {
        try
        {
            while (true)
            {
                var message = (await queue.ReadAsync()).Message;
                lock (_lock)
                {
                    if (ReferenceEquals(queue, _queue))
                        _wish.Receiver?.Receive((ReadOnlyMemory<byte>)message);
                }
            }
        }
        catch (ChannelClosedException)
        {
            // Unsubscribed, or the connection was replaced.
        }
        catch (Exception exception)
        {
            failed(exception);
        }
    }
}
