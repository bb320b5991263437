using SseScaling.Connections;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>
/// All that one connection listens to by one plan. With one topic, no filter and no window it passes the shared frames on; else a <see cref="StreamComposer"/>
/// makes the connection's own.
/// </summary>
/// <remarks>
/// <code>
///                        all topics are live           joined           another plan
/// Waiting ──────────────────────────────┬──▶ Joining ──────────▶ Joined ──────────────▶ Closed ──┐
///    └──────▶ OpenedEarly ──────────────┤                                                        ├──▶ Left
///     the backplane is away             │                              the connection ended, ────┘
/// GoingOn ──────────────────────────────┘                              at any time
///     the connection had other subscriptions before
/// </code>
/// Lock order, for all of Topics and Connections: a set's, then a topic's, then a connection's; none of them is taken by who holds a later one. A send that fails
/// under any of them ends the connection, whose leaving is therefore done by another thread.
/// </remarks>
internal sealed class SubscriptionSet : IConnectionStream
{
    private readonly Lock _gate = new();
    private readonly StreamComposer? _composer;
    private TaskCompletionSource? _settled;
    private TaskCompletionSource<EventPosition>? _ended;
    private volatile State _state;
    private EventPosition _start;

    /// <summary>Creates the subscriptions; <see cref="TopicRegistry.Begin"/> puts them to work.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="topics">The topics of the plan, in its order.</param>
    /// <param name="plan">What is delivered of them.</param>
    /// <param name="isOpened">Whether the stream began already, with other subscriptions.</param>
    public SubscriptionSet(Connection connection, IReadOnlyList<Topic> topics, StreamPlan plan, bool isOpened = false)
    {
        Connection = connection;
        Plan = plan;
        _state = isOpened ? State.GoingOn : State.Waiting;
        All = new Subscription[topics.Count];
        for (var i = 0; i < All.Length; i++)
            All[i] = new Subscription(this, topics[i], i, plan.Topics[i].Resume);
        if (topics.Count > 1 || !plan.TakesAll || plan.Window > TimeSpan.Zero)
            _composer = new StreamComposer(connection, All, plan, _gate);
    }

    /// <summary>In the order in which they can follow each other.</summary>
    public enum State : byte
    {
        Waiting,
        GoingOn,
        OpenedEarly,
        Joining,
        Joined,
        Closed,
        Left,
    }

    public Connection Connection { get; }

    public StreamPlan Plan { get; }

    public Subscription[] All { get; }

    /// <summary>Whether nothing more shall be delivered: the connection ends, or goes on with other subscriptions.</summary>
    public bool IsOver => Connection.IsEnding || _state >= State.Closed;

    /// <summary>Completes when the topics were joined, or left before.</summary>
    public Task WhenSettled
    {
        get
        {
            lock (_gate)
            {
                if (_state >= State.Joined)
                    return Task.CompletedTask;
                return (_settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>
    /// All topics are live; returns the state before. To a stream that was opened early, without its position, is owed what was published since then.
    /// </summary>
    public State BeginJoining()
    {
        lock (_gate)
        {
            var before = _state;
            if (before < State.Joining)
                _state = State.Joining;
            return before;
        }
    }

    /// <summary>
    /// Joins all topics in one step, and begins the stream: a client that sees the response knows that nothing published from here on passes it by.
    /// </summary>
    /// <param name="before">What <see cref="BeginJoining"/> returned.</param>
    /// <returns>The subscriptions that need a replay.</returns>
    public IReadOnlyList<Subscription> Join(State before)
    {
        lock (_gate)
        {
            if (_state == State.Left)
                return [];
            Action<Subscription, EventPosition> begin = _composer is null
                ? (_, position) => Open((_start = position).ToString(), before)
                : (subscription, position) => _composer.Set(subscription.Slot, position);
            var behind = Array.FindAll(All, subscription => !subscription.Topic.Members.TryJoin(subscription, begin));
            if (_composer is not null)
                Open(_composer.Id(), before);
            if (Plan.HasLostPosition)
                TellLost();
            _state = State.Joined;
            _settled?.SetResult();
            return behind;
        }
    }

    /// <summary>Lets a subscriber go live at the end of its replay; false when it lacks more than the recent events, or is over.</summary>
    public bool TryGoLive(Subscription subscription, EventPosition seen)
    {
        lock (_gate)
            return _state == State.Joined && subscription.Topic.Members.TryGoLive(subscription, seen);
    }

    /// <summary>
    /// Ends the deliveries, for good, and returns where the client stands in each topic, so that others go on there; nothing when it left. Call it
    /// once, and only when <see cref="WhenSettled"/> is completed.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, EventPosition>> CloseAsync()
    {
        lock (_gate)
        {
            if (_state == State.Left)
                return new Dictionary<string, EventPosition>();
            _state = State.Closed;
            if (_composer is not null)
            {
                _composer.Close();
                return All.ToDictionary(subscription => subscription.Topic.Name, subscription => _composer.Positions[subscription.Slot]);
            }

            _ended = new TaskCompletionSource<EventPosition>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // Nobody counts the position of a shared stream: its topic knows it, or its replay.
        All[0].Topic.End(All[0]);
        return new Dictionary<string, EventPosition> { [All[0].Topic.Name] = await _ended.Task };
    }

    /// <summary>Says behind which event nothing is delivered any more.</summary>
    public void Ended(EventPosition position) => _ended?.TrySetResult(position);

    /// <inheritdoc/>
    public void Leave() => ThreadPool.UnsafeQueueUserWorkItem(static set => set.LeaveTopics(), this, preferLocal: false);

    /// <summary>Leaves all topics now; what is left already stays so. The caller holds no locks.</summary>
    public void LeaveTopics()
    {
        lock (_gate)
        {
            if (_state == State.Left)
                return;
            _composer?.Close();
            _state = State.Left;
            _settled?.TrySetResult();
            _ended?.TrySetResult(default);
        }

        foreach (var subscription in All)
            subscription.Topic.Leave(subscription);
    }

    /// <inheritdoc/>
    public void OpenUnlessOpened()
    {
        if (_state != State.Waiting)
            return;
        lock (_gate)
        {
            if (_state != State.Waiting)
                return;
            Connection.Send(Connection.Preamble(null));
            _state = State.OpenedEarly;
        }
    }

    /// <inheritdoc/>
    public void SendHeartbeat()
    {
        if (_composer is null)
        {
            Connection.Send(ControlFrames.Heartbeat);
            return;
        }

        lock (_gate)
        {
            if (_state < State.Closed)
                _composer.SendHeartbeat();
        }
    }

    /// <summary>Sends the events of a batch from one index up to another (exclusive) that the subscriber wants.</summary>
    public void Deliver(Subscription subscription, EncodedBatch batch, int from, int to)
    {
        if (_composer is null)
        {
            Connection.Send(batch.Slice(from, to));
            return;
        }

        lock (_gate)
        {
            if (_state < State.Closed)
                _composer.Deliver(subscription.Slot, batch, from, to);
        }
    }

    /// <summary>Tells the client that history no longer holds what it missed.</summary>
    /// <param name="subscription">The topic's subscription.</param>
    /// <param name="gap">The hole.</param>
    /// <param name="behind">Where the topic goes on.</param>
    public void SendGap(Subscription subscription, Gap gap, EventPosition behind)
    {
        if (_composer is null)
        {
            Connection.Send(ControlFrames.Gap(subscription.Topic.Name, gap, behind.ToString()));
            return;
        }

        lock (_gate)
        {
            if (_state < State.Closed)
                _composer.SendGap(subscription, gap, behind);
        }
    }

    private void TellLost()
    {
        foreach (var subscription in All)
        {
            if (_composer is null)
                Connection.Send(ControlFrames.Gap(subscription.Topic.Name, default, _start.ToString()));
            else
                _composer.SendGap(subscription, default, _composer.Positions[subscription.Slot]);
        }
    }

    private void Open(string id, State before) => Connection.Send(before == State.Waiting ? Connection.Preamble(id) : ControlFrames.Position(id, Connection.PositionForm));
}
