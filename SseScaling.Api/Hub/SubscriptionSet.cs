using SseScaling.Api.Delivery;
using SseScaling.Api.Protocol;
using SseScaling.Messaging;

namespace SseScaling.Api.Hub;

/// <summary>
/// All that one connection listens to. With one topic and no filter it passes the shared frames on; else a <see cref="StreamComposer"/> makes the
/// connection's own.
/// </summary>
/// <remarks>
/// Locks are taken in the order composer, topic, connection while joining, and topic, composer, connection while catching up. Catch-ups begin
/// once joining is over, and leaving, which a failed send brings about under any of them, waits for no lock of its caller: so no two meet.
/// </remarks>
internal sealed class SubscriptionSet
{
    private readonly StreamComposer? _composer;
    private readonly Lock _opening = new();
    private volatile bool _isOpened;
    private bool _isJoining;

    /// <summary>Creates the subscriptions; <see cref="TopicHub"/> puts them to work.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="topics">The topics, 1 to 100, all different.</param>
    /// <param name="resume">Where the client stands; null: all topics start live.</param>
    /// <param name="types">The types of events to deliver; null: all.</param>
    public SubscriptionSet(Connection connection, IReadOnlyList<Topic> topics, LastEventId? resume, IReadOnlySet<string>? types)
    {
        Connection = connection;
        All = new Subscription[topics.Count];
        for (var i = 0; i < All.Length; i++)
            All[i] = new Subscription(this, topics[i], i, resume?.For(topics[i].Name));
        if (topics.Count > 1 || types is not null)
            _composer = new StreamComposer(All, types);
    }

    public Connection Connection { get; }

    /// <summary>
    /// Joining is near. True when the stream was begun without its position before: what was published since then is owed to it. Otherwise it begins
    /// with joining only.
    /// </summary>
    public bool WasOpenedEarly()
    {
        lock (_opening)
        {
            _isJoining = true;
            return _isOpened;
        }
    }

    public Subscription[] All { get; }

    /// <summary>
    /// Joins all topics, which are live by now, in one step, and begins the stream: a client that sees the response knows that nothing published
    /// from here on passes it by.
    /// </summary>
    public void Join()
    {
        var behind = new List<Subscription>();
        if (_composer is null)
        {
            Join(All[0], position => Open(position.ToString()), behind);
        }
        else
        {
            lock (_composer.Gate)
            {
                foreach (var subscription in All)
                    Join(subscription, position => _composer.Set(subscription.Slot, position), behind);
                Open(_composer.Id());
            }
        }

        foreach (var subscription in behind)
            subscription.Topic.CatchUp(subscription);
    }

    /// <summary>Leaves all topics, soon, on another thread; for a connection that ended, whatever locks its last sender holds.</summary>
    public void Leave() => ThreadPool.UnsafeQueueUserWorkItem(static set => set.LeaveTopics(), this, preferLocal: false);

    /// <summary>Begins the stream even though not all topics are live: while the backplane is away, clients are kept, not refused.</summary>
    public void OpenUnlessOpened()
    {
        if (_isOpened)
            return;
        lock (_opening)
        {
            if (_isOpened || _isJoining)
                return;
            Connection.Send(Connection.Preamble(null));
            _isOpened = true;
        }
    }

    /// <summary>Sends a heartbeat, which tells the stream's position where filtered events moved it unseen.</summary>
    public void SendHeartbeat()
    {
        if (_composer is null)
        {
            Connection.Send(ControlFrames.Heartbeat);
            return;
        }

        lock (_composer.Gate)
            Connection.Send(_composer.HasUnsentPosition ? ControlFrames.Position(_composer.Id()) : ControlFrames.Heartbeat);
    }

    /// <summary>Sends the events of a batch from one index up to another (exclusive) that the subscriber wants.</summary>
    public void Deliver(Subscription subscription, EncodedBatch batch, int from, int to)
    {
        if (_composer is null)
        {
            Connection.Send(batch.Slice(from, to));
            return;
        }

        lock (_composer.Gate)
        {
            if (_composer.Compose(subscription.Slot, batch, from, to) is { } frame)
                Connection.Send(frame);
        }
    }

    /// <summary>Tells the client that history no longer holds what it missed.</summary>
    /// <param name="subscription">The topic's subscription.</param>
    /// <param name="gap">The hole.</param>
    /// <param name="behind">Where the topic goes on.</param>
    public void Tell(Subscription subscription, Gap gap, StreamPosition behind)
    {
        if (_composer is null)
        {
            Connection.Send(ControlFrames.Gap(subscription.Topic.Name, gap, behind.ToString()));
            return;
        }

        lock (_composer.Gate)
        {
            _composer.Set(subscription.Slot, behind);
            Connection.Send(ControlFrames.Gap(subscription.Topic.Name, gap, _composer.Id()));
        }
    }

    private static void Join(Subscription subscription, Action<StreamPosition> begin, List<Subscription> behind)
    {
        if (!subscription.Topic.TryJoin(subscription, begin))
            behind.Add(subscription);
    }

    private void LeaveTopics()
    {
        foreach (var subscription in All)
            subscription.Topic.Leave(subscription);
    }

    private void Open(string id)
    {
        lock (_opening)
        {
            Connection.Send(_isOpened ? ControlFrames.Position(id) : Connection.Preamble(id));
            _isOpened = true;
        }
    }
}
