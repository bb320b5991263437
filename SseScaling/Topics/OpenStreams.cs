using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Hosting;

namespace SseScaling.Topics;

/// <summary>
/// All open streams of this replica, and those of each user. Streams whose plans can change are looked at again after an interruption of the backplane, since
/// changes may have been missed, and every few seconds where the plan could not be read.
/// </summary>
/// <remarks>Any thread. A stream without a user is listed too; only users are found by name.</remarks>
internal sealed partial class OpenStreams : SupervisedService
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    // Each may cost a read or two; more at once would only lengthen the queue that live commands wait in.
    private const int MaxParallelReads = 128;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, OpenStream> _all = [];
    private readonly Dictionary<string, List<OpenStream>> _users = new(StringComparer.Ordinal);
    private readonly HashSet<OpenStream> _failed = [];
    private readonly ConnectionRegistry _connections;
    private readonly IBackplane _backplane;
    private readonly ILogger<OpenStreams> _log;
    private bool _mustRefreshAll;

    public OpenStreams(TopicRegistry topics, ConnectionRegistry connections, IBackplane backplane, Supervision supervision, ILogger<OpenStreams> log)
        : base(supervision)
    {
        Topics = topics;
        _backplane = backplane;
        _connections = connections;
        _log = log;
        connections.StreamEnded += Forget;
    }

    /// <summary>Called with each user whose number of streams on this replica has changed.</summary>
    public event Action<string>? CountChanged;

    public TopicRegistry Topics { get; }

    /// <summary>The streams of this moment.</summary>
    public IEnumerable<OpenStream> All
    {
        get
        {
            lock (_gate)
                return [.. _all.Values];
        }
    }

    /// <summary>The users with open streams on this replica.</summary>
    public IReadOnlyList<string> Users
    {
        get
        {
            lock (_gate)
                return [.. _users.Keys];
        }
    }

    /// <summary>How many users have open streams on this replica.</summary>
    public int UserCount
    {
        get
        {
            lock (_gate)
                return _users.Count;
        }
    }

    /// <summary>A user's streams.</summary>
    public IReadOnlyList<OpenStream> Of(string user)
    {
        lock (_gate)
            return _users.TryGetValue(user, out var streams) ? [.. streams] : [];
    }

    /// <summary>How many streams a user has open on this replica.</summary>
    public int CountOf(string user)
    {
        lock (_gate)
            return _users.TryGetValue(user, out var streams) ? streams.Count : 0;
    }

    /// <summary>The stream on a connection; null when it has ended.</summary>
    /// <param name="connectionNumber">The connection's <see cref="Connection.Number"/>.</param>
    public OpenStream? Find(long connectionNumber)
    {
        lock (_gate)
            return _all.GetValueOrDefault(connectionNumber);
    }

    /// <summary>Begins the stream on a new connection: at once, or where its plan is to be read first, when that is known.</summary>
    /// <param name="connection">The connection; it has its place.</param>
    /// <param name="plan">What the request alone says; also what is delivered where the plan cannot be read at first.</param>
    /// <param name="reader">Reads the plan; null when the request's is all there is.</param>
    /// <param name="askedTopics">The topics for which the client must have a right.</param>
    public OpenStream Open(Connection connection, StreamPlan plan, StreamPlanReader? reader = null, IReadOnlyList<string>? askedTopics = null)
    {
        // Listed before the plan is read: a change that comes meanwhile has it read again.
        var stream = new OpenStream(this, connection, plan, reader) { AskedTopics = askedTopics ?? [] };
        lock (_gate)
        {
            _all.Add(connection.Number, stream);
            if (connection.User is { } user)
            {
                if (!_users.TryGetValue(user, out var streams))
                    _users[user] = streams = new List<OpenStream>(1);
                streams.Add(stream);
            }
        }

        RaiseCountChanged(connection);
        stream.Begin();

        // It may have ended before it was listed: then nobody else takes it off the list.
        if (connection.IsEnded)
            Forget(connection);
        return stream;
    }

    /// <summary>Ends a stream whose client has no right to any of its topics any more.</summary>
    public void EndRevoked(Connection connection) => _connections.End(connection, SseDisconnectReason.Revoked, forGood: true);

    /// <summary>Has a user's streams read their plans anew; completes when they follow them. Never fails.</summary>
    public Task RefreshAsync(string user) => Task.WhenAll(Of(user).Select(stream => stream.RefreshAsync()));

    /// <summary>Has all streams read their plans anew, soon.</summary>
    public void RefreshAll()
    {
        lock (_gate)
            _mustRefreshAll = true;
        WorkNow();
    }

    /// <summary>A stream's plan could not be read: it is tried again.</summary>
    public void Failed(OpenStream stream)
    {
        lock (_gate)
            _failed.Add(stream);
    }

    /// <summary>From here on restored links are heard of: whoever remembers what it read of plans hears of them before, by listening since its construction.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _backplane.Restored += RefreshAll;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _backplane.Restored -= RefreshAll;
        base.Dispose();
    }

    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(RetryInterval, RefreshDueAsync, stoppingToken);

    private Task RefreshDueAsync(CancellationToken cancellationToken)
    {
        var bound = new ParallelOptions { MaxDegreeOfParallelism = MaxParallelReads, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(TakeDue(), bound, static async (stream, _) => await stream.RefreshAsync());
    }

    private OpenStream[] TakeDue()
    {
        lock (_gate)
        {
            OpenStream[] due = _mustRefreshAll ? [.. _all.Values] : [.. _failed];
            _mustRefreshAll = false;
            _failed.Clear();
            return due;
        }
    }

    private void Forget(Connection connection)
    {
        lock (_gate)
        {
            if (!_all.Remove(connection.Number, out var stream))
                return;
            _failed.Remove(stream);
            if (connection.User is { } user && _users.TryGetValue(user, out var streams) && streams.Remove(stream) && streams.Count == 0)
                _users.Remove(user);
        }

        RaiseCountChanged(connection);
    }

    private void RaiseCountChanged(Connection connection)
    {
        if (connection.User is { } user)
            CountChanged?.Invoke(user);
    }

    [LoggerMessage(24, LogLevel.Error, "[SSE] The plan of client {Client} ({Label}) has failed: its stream ends")]
    public partial void LogPlanFailed(Exception failure, long client, string label);
}
