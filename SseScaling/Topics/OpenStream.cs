using SseScaling.Connections;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>Reads what a stream shall deliver.</summary>
/// <param name="isOpen">Whether the stream is open already: what is added begins at the topic's position in the plan, not where its client stood.</param>
/// <exception cref="SseUnavailableException">What the plan depends on is away: the stream goes on as it is, and its plan is read again later.</exception>
internal delegate Task<StreamPlan> StreamPlanReader(bool isOpen);

/// <summary>One open stream, and the one loop that has it follow its plan.</summary>
/// <remarks>Any thread. Reading, joining and leaving are done one after the other; what is asked for meanwhile is done in one further round.</remarks>
internal sealed class OpenStream(OpenStreams streams, Connection connection, StreamPlan plan, StreamPlanReader? reader) : IConnectionStream
{
    private readonly Lock _gate = new();
    private SubscriptionSet? _subscriptions;
    private TaskCompletionSource? _running;
    private string[] _joined = [];
    private string[] _revoked = [];
    private bool _mustRead;
    private bool _mustRunAgain;

    public Connection Connection => connection;

    /// <summary>What was read last; before that, what the request alone says.</summary>
    public StreamPlan Plan { get; private set; } = plan;

    /// <summary>The topics that the stream listens to now; none before it begins.</summary>
    public IReadOnlyList<string> TopicNames =>
        Volatile.Read(ref _subscriptions) is { } subscriptions ? Array.ConvertAll(subscriptions.All, subscription => subscription.Topic.Name) : [];

    /// <summary>The topics for which the client must have a right.</summary>
    public IReadOnlyList<string> AskedTopics { get; init; } = [];

    /// <summary>Completes when the stream follows what was asked of it so far, or is over.</summary>
    public Task WhenFollowing
    {
        get
        {
            lock (_gate)
                return _running?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Begins the stream: at once, or where its plan is to be read first, when that is known. Call it once.</summary>
    public void Begin()
    {
        connection.Stream = this;
        if (reader is null)
            Subscribe(Plan, isOpened: false);
        else
            _ = RefreshAsync();
    }

    /// <summary>Reads the plan anew and has the stream follow it. Never fails; completes when done.</summary>
    public Task RefreshAsync() => reader is null ? Task.CompletedTask : FollowAsync(mustRead: true);

    /// <summary>Adds a topic for as long as the stream lives, live from now, whatever its plan says; completes when it is live, or the stream over.</summary>
    /// <exception cref="InvalidOperationException">The stream has <see cref="TopicName.MaxPerStream"/> topics already.</exception>
    public async Task JoinAsync(string topic)
    {
        lock (_gate)
        {
            var names = Plan.Topics.Select(start => start.Name).Union(_joined, StringComparer.Ordinal);
            if (names.Append(topic).Distinct(StringComparer.Ordinal).Count() > TopicName.MaxPerStream)
                throw new InvalidOperationException($"A stream has at most {TopicName.MaxPerStream} topics.");
            if (!_joined.Contains(topic))
                _joined = [.. _joined, topic];
        }

        await FollowAsync(mustRead: false);
        if (Volatile.Read(ref _subscriptions) is { } subscriptions)
            await subscriptions.WhenSettled;
    }

    /// <summary>Undoes <see cref="JoinAsync"/>; what the plan names stays. Completes when done.</summary>
    public Task LeaveAsync(string topic)
    {
        lock (_gate)
            _joined = [.. _joined.Where(name => name != topic)];
        return FollowAsync(mustRead: false);
    }

    /// <summary>Takes topics from the stream for as long as it lives, whatever its plan says, and tells its client. Without any other it ends for good. Completes when done.</summary>
    public async Task RevokeAsync(IReadOnlyCollection<string> topics)
    {
        string[] taken;
        lock (_gate)
        {
            taken = [.. Plan.Topics.Select(start => start.Name).Concat(_joined).Intersect(topics, StringComparer.Ordinal).Except(_revoked, StringComparer.Ordinal)];
            _revoked = [.. _revoked, .. taken];
        }

        if (taken.Length == 0)
            return;
        await FollowAsync(mustRead: false);
        foreach (var topic in taken)
            connection.Send(ControlFrames.Revoked(topic));
        if (Plan.And(_joined).Without(_revoked).Topics.Count == 0)
            streams.EndRevoked(connection);
    }

    /// <inheritdoc/>
    public void OpenUnlessOpened() => Volatile.Read(ref _subscriptions)?.OpenUnlessOpened();

    /// <inheritdoc/>
    public void SendHeartbeat() => Volatile.Read(ref _subscriptions)?.SendHeartbeat();

    /// <inheritdoc/>
    public void Leave() => Volatile.Read(ref _subscriptions)?.Leave();

    private Task FollowAsync(bool mustRead)
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            _mustRead |= mustRead;
            if (_running is { } running)
            {
                _mustRunAgain = true;
                return running.Task;
            }

            _running = done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = RunAsync(done);
        return done.Task;
    }

    private async Task RunAsync(TaskCompletionSource done)
    {
        do
        {
            try
            {
                await FollowOnceAsync();
            }
            catch (Exception e)
            {
                streams.LogPlanFailed(e, connection.Number, connection.Label);

                // A stream that nobody subscribed would be silent: the client comes back and starts over.
                connection.End(SseDisconnectReason.Error);
            }
        }
        while (TakesAnotherRound());
        done.SetResult();
    }

    private bool TakesAnotherRound()
    {
        lock (_gate)
        {
            if (!_mustRunAgain || connection.IsEnded)
                _running = null;
            _mustRunAgain = false;
            return _running is not null;
        }
    }

    private async Task FollowOnceAsync()
    {
        bool mustRead;
        lock (_gate)
            (mustRead, _mustRead) = (_mustRead, false);
        var plan = mustRead ? await ReadAsync() : Plan;
        lock (_gate)
        {
            Plan = plan;
            plan = plan.And(_joined).Without(_revoked);
        }

        if (plan.Topics.Count == 0)
            await LeaveAllAsync();
        else if (_subscriptions is null)
            Subscribe(plan, isOpened: false);
        else
            await ChangeAsync(_subscriptions, plan);
    }

    private async Task<StreamPlan> ReadAsync()
    {
        try
        {
            return await reader!(_subscriptions is not null);
        }
        catch (SseUnavailableException)
        {
            streams.Failed(this);
            return Plan;
        }
    }

    /// <summary>
    /// Has an open stream go on by another plan, exactly where it stands: topics that it has already go on behind their last event, and what arrives
    /// between the two plans is caught up.
    /// </summary>
    private async Task ChangeAsync(SubscriptionSet old, StreamPlan plan)
    {
        await old.WhenSettled;
        if (connection.IsEnding || plan.IsSameAs(old.Plan))
            return;
        var seen = await old.CloseAsync();
        Subscribe(plan with { HasLostPosition = false, Topics = [.. plan.Topics.Select(t => seen.TryGetValue(t.Name, out var position) ? t with { Resume = position } : t)] }, isOpened: true);
        old.LeaveTopics();
    }

    private async Task LeaveAllAsync()
    {
        if (_subscriptions is not { } last)
            return;
        await last.CloseAsync();
        last.LeaveTopics();
    }

    private void Subscribe(StreamPlan plan, bool isOpened)
    {
        var subscriptions = streams.Topics.Create(connection, plan, isOpened);
        Interlocked.Exchange(ref _subscriptions, subscriptions);

        // Whoever ended the connection before found no subscriptions to leave, or the earlier ones.
        if (connection.IsEnded)
            subscriptions.Leave();
        streams.Topics.Begin(subscriptions);
    }
}
