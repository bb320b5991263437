using System.Text;
using SseScaling.Api.Backplane;
using SseScaling.Api.Delivery;
using SseScaling.Api.Http;
using SseScaling.Api.Hub;
using SseScaling.Messaging;

namespace SseScaling.Api.Social;

/// <summary>
/// The open streams of users on this replica: opens each with what its user wants, and changes it while it is open when any replica says so.
/// </summary>
/// <remarks>
/// The notice is a user's name on the topic <see cref="Notices"/>, at most once; after an interruption of the backplane all streams are looked at again.
/// </remarks>
internal sealed class UserStreams(TopicHub hub, UserPlans plans, ConnectionRegistry connections, IBackplane backplane)
    : BackgroundService, ITopicReceiver
{
    /// <summary>The topic on which replicas tell each other whose settings changed.</summary>
    public const string Notices = "sse:social";

    // Each costs a read or two; more at once would only lengthen the queue that live commands wait in.
    private const int RefreshLanes = 128;

    // A stream whose topic is not live yet follows a change later; whoever made the change is not kept waiting for it.
    private static readonly TimeSpan ChangePatience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<UserStream>> _users = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _restored = new(0);

    /// <summary>The users with open streams on this replica.</summary>
    public IReadOnlyList<string> Users
    {
        get
        {
            lock (_gate)
                return [.. _users.Keys];
        }
    }

    /// <summary>Subscribes a new connection: at once, or for a user whose wishes are to be read first, when they are known.</summary>
    public void Open(Connection connection, StreamRequest request)
    {
        if (request.User is not { } user || !plans.AreNeeded)
        {
            hub.Subscribe(connection, plans.Plain(request));
            return;
        }

        // Listed before the wishes are read: a change that comes meanwhile has them read again.
        var stream = new UserStream(hub, plans, connection, request);
        lock (_gate)
        {
            if (!_users.TryGetValue(user, out var streams))
                _users[user] = streams = new List<UserStream>(1);
            streams.Add(stream);
        }

        _ = stream.RefreshAsync();
    }

    /// <summary>Tells all replicas that what a user wants has changed; returns when this replica's streams follow it.</summary>
    /// <exception cref="MessagingUnavailableException">The backplane is away.</exception>
    public async Task ChangedAsync(string user)
    {
        await backplane.PublishAsync([new EventDraft(Notices, Encoding.UTF8.GetBytes(user)) { Durable = false }], CancellationToken.None);
        await Task.WhenAny(RefreshAsync(user), Task.Delay(ChangePatience));
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlyMemory<byte> message)
    {
        var user = Encoding.UTF8.GetString(EventEnvelope.Parse(message).Data.Span);
        ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.Streams.RefreshAsync(s.User), (Streams: this, User: user), preferLocal: false);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        connections.StreamEnded += Forget;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _restored.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        backplane.Restored += OnRestored;
        try
        {
            await backplane.SubscribeAsync(Notices, this, stoppingToken);
            while (true)
            {
                await _restored.WaitAsync(stoppingToken);
                var lanes = new ParallelOptions { MaxDegreeOfParallelism = RefreshLanes, CancellationToken = stoppingToken };
                await Parallel.ForEachAsync(Users, lanes, async (user, _) => await RefreshAsync(user));
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
        finally
        {
            backplane.Restored -= OnRestored;
        }
    }

    private void OnRestored() => _restored.Release();

    private Task RefreshAsync(string user)
    {
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
            if (_users.TryGetValue(user, out var streams) && streams.RemoveAll(stream => stream.Connection == connection) > 0 && streams.Count == 0)
                _users.Remove(user);
        }
    }
}
