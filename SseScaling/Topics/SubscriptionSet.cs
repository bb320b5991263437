using SseScaling.Connections;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>
/// All that one connection listens to. With one topic, no filter and no window it passes the shared frames on; else a <see cref="StreamComposer"/> makes the
/// connection's own.
/// </summary>
/// <remarks>
/// Locks are taken in the order composer, topic, connection while joining, and topic, composer, connection while catching up. Catch-ups begin
/// once joining is over, and leaving, which a failed send brings about under any of them, waits for no lock of its caller: so no two meet.
/// </remarks>
internal sealed class SubscriptionSet : IConnectionStream
{
    private readonly StreamComposer? _composer;
    private readonly Lock _opening = new();
    private TaskCompletionSource? _joined;
    private TaskCompletionSource<EventPosition>? _stopped;
    private bool _isJoined;
    private volatile bool _isOpened;
    private bool _isJoining;
    private volatile bool _isClosed;
    private int _hasLeft;

    /// <summary>Creates the subscriptions; <see cref="TopicHub"/> puts them to work.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="topics">The topics of the plan, in its order.</param>
    /// <param name="plan">What is delivered of them.</param>
    /// <param name="isOpened">Whether the stream began already, with other subscriptions.</param>
    public SubscriptionSet(Connection connection, IReadOnlyList<Topic> topics, StreamPlan plan, bool isOpened = false)
    {
        Connection = connection;
        Plan = plan;
        _isOpened = isOpened;
        All = new Subscription[topics.Count];
        for (var i = 0; i < All.Length; i++)
            All[i] = new Subscription(this, topics[i], i, plan.Topics[i].Resume);
        if (topics.Count > 1 || !plan.TakesAll || plan.Window > TimeSpan.Zero)
            _composer = new StreamComposer(connection, All, plan);
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

    public StreamPlan Plan { get; }

    /// <summary>Completes when the subscriptions were joined.</summary>
    public Task WhenJoined
    {
        get
        {
            lock (_opening)
                return _isJoined ? Task.CompletedTask : (_joined ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Whether the connection goes on with other subscriptions.</summary>
    public bool IsClosed => _isClosed;

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
        lock (_opening)
        {
            _isJoined = true;
            _joined?.SetResult();
        }
    }

    /// <summary>
    /// Ends the deliveries, for good, and returns where the client stands in each topic, so that others go on there. Call it once, and only when
    /// <see cref="WhenJoined"/> is completed.
    /// </summary>
    public async Task<IReadOnlyList<TopicStart>> CloseAsync()
    {
        if (_composer is not null)
        {
            lock (_composer.Gate)
            {
                _composer.Close();
                _isClosed = true;
                return [.. All.Select(s => new TopicStart(s.Topic.Name, _composer.Positions[s.Slot]))];
            }
        }

        // Nobody counts the position of a shared stream: its topic knows it, or who catches up.
        _stopped = new TaskCompletionSource<EventPosition>(TaskCreationOptions.RunContinuationsAsynchronously);
        _isClosed = true;
        All[0].Topic.Stop(All[0]);
        return [new TopicStart(All[0].Topic.Name, await _stopped.Task)];
    }

    /// <summary>Told by the topic or by the catch-up behind which event nothing is delivered any more.</summary>
    public void Stopped(EventPosition position) => _stopped?.TrySetResult(position);

    /// <summary>Leaves all topics, soon, on another thread; for a connection that ended, whatever locks its last sender holds.</summary>
    public void Leave() => ThreadPool.UnsafeQueueUserWorkItem(static set => set.LeaveTopics(), this, preferLocal: false);

    /// <summary>Leaves all topics now; what is left already stays so. The caller holds no locks.</summary>
    public void LeaveTopics()
    {
        if (Interlocked.Exchange(ref _hasLeft, 1) != 0)
            return;
        if (_composer is not null)
        {
            lock (_composer.Gate)
                _composer.Close();
        }

        foreach (var subscription in All)
            subscription.Topic.Leave(subscription);
    }

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
            _composer.SendHeartbeat();
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
            _composer.Deliver(subscription.Slot, batch, from, to);
    }

    /// <summary>Tells the client that history no longer holds what it missed.</summary>
    /// <param name="subscription">The topic's subscription.</param>
    /// <param name="gap">The hole.</param>
    /// <param name="behind">Where the topic goes on.</param>
    public void Tell(Subscription subscription, Gap gap, EventPosition behind)
    {
        if (_composer is null)
        {
            Connection.Send(ControlFrames.Gap(subscription.Topic.Name, gap, behind.ToString()));
            return;
        }

        lock (_composer.Gate)
        {
            if (_composer.IsClosed)
                return;
            _composer.Flush();
            _composer.Set(subscription.Slot, behind);
            Connection.Send(ControlFrames.Gap(subscription.Topic.Name, gap, _composer.Id()));
        }
    }

    private static void Join(Subscription subscription, Action<EventPosition> begin, List<Subscription> behind)
    {
        if (!subscription.Topic.TryJoin(subscription, begin))
            behind.Add(subscription);
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
