using SseScaling.Backplane;
using SseScaling.Hosting;

namespace SseScaling.Topics;

/// <summary>One topic that somebody on this replica listens to. It lives while it is used, and for a while after.</summary>
/// <remarks>
/// Three things, each with its own guard: the topic's life, here, which any thread may change; what arrives and in which order it is published, by the topic's
/// dispatcher only (<see cref="Sequence"/>); and who gets it, under a lock (<see cref="Members"/>).
/// </remarks>
internal sealed class Topic : ITopicReceiver
{
    private const int Removed = -1;

    private int _users = 1;
    private long _idleSince;

    /// <summary>Creates a topic with its first user.</summary>
    public Topic(string name, Dispatcher dispatcher, Broadcast broadcast, HistoryReader history)
    {
        Name = name;
        Dispatcher = dispatcher;
        Members = new TopicMembers(this, broadcast);
        Sequence = new TopicSequence(this, broadcast, history);
    }

    public string Name { get; }

    public Dispatcher Dispatcher { get; }

    public TopicMembers Members { get; }

    /// <summary>Touched by the dispatcher only, but for <see cref="TopicSequence.WhenLive"/>.</summary>
    public TopicSequence Sequence { get; }

    /// <summary>Messages of the dispatcher's round; null between two of them. Touched by the dispatcher only.</summary>
    public List<ReadOnlyMemory<byte>>? Arrived { get; set; }

    /// <inheritdoc/>
    public void Receive(ReadOnlyMemory<byte> message) => Dispatcher.Post(this, message);

    /// <summary>Registers a user, so that the topic stays subscribed; false when it was just given up: then get another.</summary>
    public bool TryUse()
    {
        for (var users = Volatile.Read(ref _users); users != Removed;)
        {
            if (Interlocked.CompareExchange(ref _users, users + 1, users) is var now && now == users)
                return true;
            users = now;
        }

        return false;
    }

    /// <summary>Takes a subscriber out, which is a user less.</summary>
    public void Leave(Subscription subscription)
    {
        Members.Remove(subscription);
        Volatile.Write(ref _idleSince, subscription.Connection.Time.Milliseconds());
        Interlocked.Decrement(ref _users);
    }

    /// <summary>Whether nobody used the topic since a time (<see cref="Clock"/>, ms).</summary>
    public bool IsIdleSince(long time) => Volatile.Read(ref _users) == 0 && Volatile.Read(ref _idleSince) <= time;

    /// <summary>Gives the topic up unless it is used: nobody can use it from then on.</summary>
    public bool TryRemove() => Interlocked.CompareExchange(ref _users, Removed, 0) == 0;

    /// <summary>Has the topic read its stream, since its head was seen elsewhere than the topic stands.</summary>
    public void Recover() => Dispatcher.Post(Sequence.Recover);

    /// <summary>
    /// Ends the deliveries to a subscriber of shared frames, and tells it behind which event, between two rounds of the dispatcher. One that is not live is told by its
    /// replay.
    /// </summary>
    public void End(Subscription subscription) => Dispatcher.Post(() =>
    {
        if (Members.Remove(subscription))
            subscription.Set.Ended(Members.Position);
    });
}
