using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SseScaling.Hosting;
using SseScaling.Telemetry;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>
/// The process's one connection to Redis, watched: says whether it is up, is replaced when it is half-open, and tells when messages may have been missed.
/// An application may keep keys of its own over it. Registered by <c>AddRedis</c>; thread-safe.
/// </summary>
/// <remarks>
/// <code>
///                  first answer                    ConnectionFailed, failed ping
///   (start) ─────────────────────────────▶ up ────────────────────────────────────────▶ down ─ N failed pings ─▶ down, new connection
///      └─ no answer in time: down           ▲ └─ interrupted and back at once: Restored   │
///                                           └── both connections answer, every topic subscribed: Restored ──┘
/// </code>
/// <see cref="RedisWatchdog"/> alone moves it. Messages 100 to 103 of the log: one line when it is lost and one when it is back, never one for each attempt.
/// A server that answers and refuses the work (<see cref="Refusal"/>) is another matter: streams stay subscribed, and what can be read is read.
/// </remarks>
public sealed partial class RedisLink
{
    private readonly TimeSpan _timeout;
    private readonly PublishingMetrics _telemetry;
    private readonly Supervision _supervision;
    private readonly TimeProvider _time;
    private readonly ILogger<RedisLink> _log;
    private readonly ConcurrentDictionary<Type, bool> _unusual = new();

    private volatile IConnectionMultiplexer? _connection;
    private volatile TaskCompletionSource _reachable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile State _state;
    private volatile string? _refusal;
    private volatile int _interruptions = 1;
    private long _lostAt;
    private long _refusedAt;

    internal RedisLink(IOptions<SseRedisOptions> options, PublishingMetrics telemetry, Supervision supervision, TimeProvider time, ILogger<RedisLink> log)
    {
        (_timeout, _telemetry, _supervision, _time, _log) = (options.Value.Timeout, telemetry, supervision, time, log);
        _lostAt = time.GetTimestamp();
        supervision.OutageBegan();
        telemetry.ObserveLink(() => IsUp);
    }

    private enum State
    {
        NotYet,
        Up,
        Down,
    }

    /// <summary>Whether the last ping was answered and nothing was lost since. Changes at any time, on any thread.</summary>
    public bool IsUp => _state == State.Up;

    /// <summary>
    /// Raised on the watchdog's thread when the link is back and every topic is subscribed again: messages may be missing
    /// from before. Handlers must return at once.
    /// </summary>
    public event Action? Restored;

    /// <summary>
    /// Counts what may have cost subscriptions or messages, from 1 on. A subscription that was made under another count is not relied on: client
    /// libraries restore most of theirs by themselves, some late, and some not at all (seen in 3.1 after quick reconnects).
    /// </summary>
    internal int Interruptions => _interruptions;

    /// <summary>Why the server, which answers, does no work: its own word, such as <c>OOM</c> or <c>READONLY</c>; null while it does.</summary>
    internal string? Refusal => _refusal;

    /// <summary>The current connection; null before the first one and after the stop.</summary>
    internal IConnectionMultiplexer? Connection
    {
        get => _connection;
        set => _connection = value;
    }

    /// <summary>The database of the current connection: cheap, not to be kept.</summary>
    /// <exception cref="SseUnavailableException">There was no connection since the start.</exception>
    internal IDatabase Database => Multiplexer.GetDatabase();

    /// <summary>The current connection.</summary>
    /// <exception cref="SseUnavailableException">There was none since the start.</exception>
    internal IConnectionMultiplexer Multiplexer => _connection ?? throw new SseUnavailableException("There is no connection to Redis yet.");

    /// <summary>Whether one script may touch several topics: in a cluster they are in different slots. False until it is known.</summary>
    internal bool CanShareScripts { get; private set; }

    /// <summary>
    /// Calls the client library, whose exceptions end here. What is not answered within <see cref="SseRedisOptions.Timeout"/> counts as failed, and may still be done.
    /// </summary>
    /// <param name="ask">Calls Redis by the database it is given, which it must not keep.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="SseUnavailableException">Redis is away, frozen or refuses.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ask);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await ask(Database).WaitAsync(_timeout, _time, cancellationToken);
        }
        catch (Exception exception) when (RedisFaults.IsOutage(exception, cancellationToken))
        {
            throw Unavailable(exception);
        }
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public Task AskAsync(Func<IDatabase, Task> ask, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ask);
        return AskAsync(
            async database =>
            {
                await ask(database);
                return true;
            },
            cancellationToken);
    }

    /// <summary>The exception that callers get. A cause by which no outage shows is logged, once until the link is back.</summary>
    internal SseUnavailableException Unavailable(Exception cause)
    {
        if (!RedisFaults.IsUsual(cause) && _unusual.TryAdd(cause.GetType(), true))
            LogUnusual(cause, cause.GetType().Name);
        if (RedisFaults.Refusal(cause) is { } refusal)
            Refuse(refusal, cause.Message);
        return cause switch
        {
            SseUnavailableException already => already,
            RedisServerException refused => RedisFaults.Refused(refused.Message),
            _ => new SseUnavailableException("Redis cannot be reached at the moment.", cause),
        };
    }

    /// <summary>The server answers that it does no work. Any thread; said once until it does again.</summary>
    internal void Refuse(string refusal, string message)
    {
        if (Interlocked.CompareExchange(ref _refusal, refusal, null) is not null)
            return;
        _refusedAt = _time.GetTimestamp();
        LogRefuses(message);
    }

    /// <summary>The server did a piece of work. The watchdog's thread.</summary>
    internal void Accept()
    {
        if (Interlocked.Exchange(ref _refusal, null) is not null)
            LogAccepts(_time.GetElapsedTime(_refusedAt).TotalSeconds);
    }

    /// <summary>Waits while Redis cannot be reached: until the connection stands at first, and whenever its last ping failed.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task WhenReachableAsync(CancellationToken cancellationToken) => _reachable.Task.WaitAsync(cancellationToken);

    /// <summary>Something may have been missed. Any thread.</summary>
    internal void Interrupt() => Interlocked.Increment(ref _interruptions);

    /// <summary>Redis does not answer. The watchdog's thread.</summary>
    internal void Lose(Exception? failure)
    {
        Interrupt();
        _supervision.OutageBegan();
        if (_reachable.Task.IsCompleted)
            _reachable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_state == State.Down)
            return;
        if (_state == State.Up)
            _lostAt = _time.GetTimestamp();
        _state = State.Down;
        LogLost(failure?.Message ?? "no answer yet");
    }

    /// <summary>Redis answers; its topics may not be subscribed yet. The watchdog's thread.</summary>
    internal void Reach() => _reachable.TrySetResult();

    /// <summary>Redis answers, and every topic is subscribed. The watchdog's thread.</summary>
    /// <param name="byWatchdog">Whether that took a new connection.</param>
    internal void Regain(bool byWatchdog)
    {
        var servers = Multiplexer.GetServers();
        CanShareScripts = servers.Length > 0 && Array.TrueForAll(servers, server => server.ServerType != ServerType.Cluster);
        var before = _state;
        _state = State.Up;
        _unusual.Clear();
        _supervision.OutageEnded();
        if (before == State.NotYet)
        {
            LogConnected();
            return;
        }

        if (before == State.Down)
            LogBack(_time.GetElapsedTime(_lostAt).TotalSeconds);
        else
            LogBlinked();
        _telemetry.Reconnected(byWatchdog);
        Restored?.Invoke();
    }

    /// <summary>The process stops.</summary>
    internal void End() => (_state, _connection) = (State.Down, null);

    [LoggerMessage(100, LogLevel.Information, "Connected to Redis")]
    private partial void LogConnected();

    [LoggerMessage(101, LogLevel.Warning, "Redis is not reachable: {Reason}. Trying until it is")]
    private partial void LogLost(string reason);

    [LoggerMessage(102, LogLevel.Information, "Redis is reachable after {Seconds:F1} s")]
    private partial void LogBack(double seconds);

    [LoggerMessage(103, LogLevel.Information, "The Redis connection was interrupted and is back; looking for missed events")]
    private partial void LogBlinked();

    [LoggerMessage(106, LogLevel.Warning, "A call of the Redis client failed by {Type}, which is no usual form of an outage; taken as one")]
    private partial void LogUnusual(Exception failure, string type);

    [LoggerMessage(107, LogLevel.Warning, "Redis answers and refuses the work: {Reason}. Trying until it does it")]
    private partial void LogRefuses(string reason);

    [LoggerMessage(108, LogLevel.Information, "Redis does its work again after {Seconds:F1} s")]
    private partial void LogAccepts(double seconds);
}
