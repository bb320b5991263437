using System.Text;
using SseScaling.Api.Http;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Hosting;
using SseScaling.Protocol;
using SseScaling.Topics;

namespace SseScaling.Api.Social;

/// <summary>
/// The open streams of users on this replica: opens each with what its user wants, and changes it while it is open when any replica says so.
/// </summary>
/// <remarks>
/// The notice is a user's name on the topic <see cref="Notices"/>, or an author's behind <see cref="AuthorMark"/> who became a celebrity; at most once. After an
/// interruption of the backplane all streams are looked at again, and every few seconds the list of celebrities.
/// </remarks>
internal sealed class UserStreams(
    TopicHub hub, UserPlans plans, Celebrities celebrities, ISocialStore store, ConnectionRegistry connections, IBackplane backplane,
    Supervision supervision)
    : SupervisedService(supervision), ITopicReceiver
{
    /// <summary>The topic on which replicas tell each other whose settings changed.</summary>
    public const string Notices = "sse:social";

    /// <summary>Stands before a celebrity's name; in no user's name.</summary>
    public const char AuthorMark = '!';

    private const int UsersPerRead = 1_000;

    private static readonly TimeSpan CelebritiesInterval = TimeSpan.FromSeconds(5);

    // Each costs a read or two; more at once would only lengthen the queue that live commands wait in.
    private const int RefreshLanes = 128;

    // A stream whose topic is not live yet follows a change later; whoever made the change is not kept waiting for it.
    private static readonly TimeSpan ChangePatience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<UserStream>> _users = new(StringComparer.Ordinal);
    private readonly HashSet<string> _missed = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _restored = new(0);
    private bool _isSubscribed;
    private bool _hasMissedAny;

    /// <summary>The users with open streams on this replica.</summary>
    public IReadOnlyList<string> Users
    {
        get
        {
            lock (_gate)
                return [.. _users.Keys];
        }
    }

    /// <summary>Called with each user whose number of streams on this replica has changed.</summary>
    public event Action<string>? CountChanged;

    /// <summary>How many streams a user has open on this replica.</summary>
    public int CountOf(string user)
    {
        lock (_gate)
            return _users.TryGetValue(user, out var streams) ? streams.Count : 0;
    }

    /// <summary>Subscribes a new connection: at once, or for a user whose wishes are to be read first, when they are known.</summary>
    public void Open(Connection connection, StreamRequest request)
    {
        if (request.User is not { } user)
        {
            hub.Subscribe(connection, plans.Plain(request));
            return;
        }

        // Listed before the wishes are read: a change that comes meanwhile has them read again.
        var stream = new UserStream(this, hub, plans, connection, request);
        lock (_gate)
        {
            if (!_users.TryGetValue(user, out var streams))
                _users[user] = streams = new List<UserStream>(1);
            streams.Add(stream);
        }

        CountChanged?.Invoke(user);
        if (plans.AreNeeded)
            _ = stream.RefreshAsync();
        else
            hub.Subscribe(connection, plans.Plain(request));
    }

    /// <summary>Tells all replicas that what a user wants has changed; returns when this replica's streams follow it.</summary>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    public async Task ChangedAsync(string user)
    {
        await backplane.PublishAsync([new SseEvent(Notices, Encoding.UTF8.GetBytes(user)) { Durable = false }], CancellationToken.None);
        await Task.WhenAny(RefreshAsync(user), Task.Delay(ChangePatience));
    }

    /// <summary>What a user wants could not be read: its streams are looked at again.</summary>
    public void Missed(string user)
    {
        lock (_gate)
            _missed.Add(user);
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlyMemory<byte> message)
    {
        var user = Encoding.UTF8.GetString(EventEnvelope.Parse(message).Data.Span);
        if (plans.AreNeeded)
            ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.Streams.HeedAsync(s.User), (Streams: this, User: user), preferLocal: false);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        connections.StreamEnded += Forget;
        backplane.Restored += OnRestored;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        backplane.Restored -= OnRestored;
        _restored.Dispose();
        base.Dispose();
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (!_isSubscribed)
            await backplane.SubscribeAsync(Notices, this, stoppingToken);
        _isSubscribed = true;
        while (true)
        {
            // Somebody new on the list: the followers' streams do not merge its posts yet.
            if (await celebrities.RefreshAsync())
                MissedAny();
            var lanes = new ParallelOptions { MaxDegreeOfParallelism = RefreshLanes, CancellationToken = stoppingToken };
            await Parallel.ForEachAsync(TakeMissed(), lanes, async (user, _) => await RefreshAsync(user));
            Worked(CelebritiesInterval);
            await _restored.WaitAsync(CelebritiesInterval, stoppingToken);
        }
    }

    /// <summary>Whose change was not followed is unknown: all streams are looked at again.</summary>
    private void MissedAny()
    {
        lock (_gate)
            _hasMissedAny = true;
    }

    private string[] TakeMissed()
    {
        lock (_gate)
        {
            if (_hasMissedAny)
                plans.ForgetAll();
            string[] users = _hasMissedAny ? [.. _users.Keys] : [.. _missed];
            _hasMissedAny = false;
            _missed.Clear();
            return users;
        }
    }

    private void OnRestored()
    {
        MissedAny();
        _restored.Release();
    }

    private async Task HeedAsync(string notice)
    {
        if (!notice.StartsWith(AuthorMark))
        {
            await RefreshAsync(notice);
            return;
        }

        try
        {
            await celebrities.RefreshAsync();
            foreach (var users in Users.Chunk(UsersPerRead))
                await Task.WhenAll((await store.SelectFollowersAsync(users, notice[1..])).Select(RefreshAsync));
        }
        catch (SseUnavailableException)
        {
            MissedAny();
        }
    }

    private Task RefreshAsync(string user)
    {
        plans.Forget(user);
        UserStream[] open;
        lock (_gate)
            open = _users.TryGetValue(user, out var streams) ? [.. streams] : [];
        return Task.WhenAll(open.Select(stream => stream.RefreshAsync()));
    }

    private void Forget(Connection connection)
    {
        if (connection.User is not { } user)
            return;
        lock (_gate)
        {
            if (!_users.TryGetValue(user, out var streams) || streams.RemoveAll(stream => stream.Connection == connection) == 0)
                return;
            if (streams.Count == 0)
            {
                _users.Remove(user);
                plans.Forget(user);
            }
        }

        CountChanged?.Invoke(user);
    }
}
