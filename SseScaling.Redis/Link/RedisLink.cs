using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using SseScaling.Hosting;
using SseScaling.Telemetry;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>
/// The process's one connection to Redis, watched: says whether it is up, replaces it when it is half-open, and tells when messages may
/// have been missed. Ask it for <see cref="Database"/> each time; the multiplexer of the container is closed once it was replaced.
/// </summary>
/// <remarks>
/// <code>
///             ConnectionFailed, failed ping                  N failed pings: new multiplexer
///   (start) ─▶ down ◀──────────────────────── up          down ──────────────────────────────▶ down, new connection
///               └── pings of both connections answered, every topic subscribed ──▶ up, Restored
/// </code>
/// One loop owns all of this state; the client library's events only set flags and wake it. Starts without Redis: the first connection
/// is made in the background.
/// </remarks>
public sealed partial class RedisLink : SupervisedService
{
    // Both connections of a multiplexer report their restore, some ms apart; one Restored answers for both.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(50);

    private readonly IServiceProvider _services;
    private readonly RedisConnectionSettings _settings;
    private readonly SseRedisOptions _options;
    private readonly PublishingMetrics _telemetry;
    private readonly Supervision _supervision;
    private readonly TimeProvider _time;
    private readonly ILogger<RedisLink> _log;
    private readonly SemaphoreSlim _wake = new(0, 1);

    private volatile IConnectionMultiplexer? _multiplexer;
    private volatile TaskCompletionSource _reachable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isUp;
    private volatile int _interruptions = 1;
    private int _answered;
    private bool _everUp;
    private bool _saidLost;
    private bool _replaced;
    private long _lostAt;
    private int _failures;

    /// <summary>Creates the link; the host starts it.</summary>
    internal RedisLink(IServiceProvider services, RedisConnectionSettings settings, IOptions<SseRedisOptions> options,
        PublishingMetrics telemetry, Supervision supervision, TimeProvider time, ILogger<RedisLink> log)
        : base(supervision)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_services, _settings, _options, _telemetry, _time, _log) = (services, settings, options.Value, telemetry, time, log);
        _supervision = supervision;
        _supervision.OutageBegan();
        telemetry.ObserveLink(() => _isUp);
    }

    /// <summary>Whether the last ping was answered and nothing was lost since. Changes at any time, on any thread.</summary>
    public bool IsUp => _isUp;

    /// <summary>
    /// Raised on the watchdog's thread when the link is back and every topic is subscribed again: messages may be missing
    /// from before. Handlers must return at once.
    /// </summary>
    public event Action? Restored;

    /// <summary>Subscribes again what was subscribed before the last interruption; false when some topic could not be. Set by the subscriptions.</summary>
    internal Func<CancellationToken, Task<bool>> Resubscribe { get; set; } = _ => Task.FromResult(true);

    /// <summary>
    /// Counts what may have cost subscriptions or messages. A subscription that was made under another count is not relied on: client
    /// libraries restore most of theirs by themselves, some late, and some not at all (seen in 3.1 after quick reconnects).
    /// </summary>
    internal int Interruptions => _interruptions;

    /// <summary>The current connection.</summary>
    /// <exception cref="SseUnavailableException">There was none since the start.</exception>
    internal IConnectionMultiplexer Multiplexer =>
        _multiplexer ?? throw new SseUnavailableException("There is no connection to Redis yet.");

    /// <summary>The database of the current connection: cheap, not to be kept.</summary>
    /// <exception cref="SseUnavailableException">There was no connection since the start.</exception>
    public IDatabase Database => Multiplexer.GetDatabase();

    /// <summary>Whether one script may touch several topics: in a cluster they are in different slots. False until it is known.</summary>
    internal bool CanShareScripts { get; private set; }

    /// <summary>
    /// Calls the client library: the one place where its exceptions end, unless a class has its own. What is not answered within
    /// <see cref="SseRedisOptions.Timeout"/> counts as failed, and may still be done.
    /// </summary>
    /// <exception cref="SseUnavailableException">Redis is away, frozen or refuses.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ask);
        try
        {
            return await ask(Database).WaitAsync(_options.Timeout, _time, cancellationToken);
        }
        catch (Exception exception) when (RedisFaults.IsOutage(exception, cancellationToken))
        {
            throw Unavailable(exception);
        }
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public Task AskAsync(Func<IDatabase, Task> ask, CancellationToken cancellationToken = default) => AskAsync(
        async database =>
        {
            await ask(database);
            return true;
        },
        cancellationToken);

    /// <summary>Waits while the last ping failed.</summary>
    internal Task WhenReachableAsync(CancellationToken cancellationToken) => _reachable.Task.WaitAsync(cancellationToken);

    /// <summary>Has the link checked now instead of at the watchdog's next turn.</summary>
    internal void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody woke the loop already, and it has not looked yet.
        }
    }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (_multiplexer is null)
            await ConnectAsync(stoppingToken);
        while (true)
        {
            await CheckAsync(stoppingToken);
            Worked(_options.WatchdogInterval);
            if (await _wake.WaitAsync(_options.WatchdogInterval, stoppingToken))
                await Task.Delay(Settle, _time, stoppingToken);
        }
    }

    /// <summary>The container's multiplexer is made by a blocking call of up to its connect time-out, which must not delay the start.</summary>
    private async Task ConnectAsync(CancellationToken stopping)
    {
        _lostAt = _time.GetTimestamp();
        var making = Task.Run(_services.GetRequiredService<IConnectionMultiplexer>, stopping);
        if (await Task.WhenAny(making, Task.Delay(_options.Timeout, _time, stopping)) != making)
            Lose(null);
        Adopt(await making.WaitAsync(stopping));
    }

    private void Adopt(IConnectionMultiplexer multiplexer)
    {
        multiplexer.ConnectionFailed += OnInterrupted;
        multiplexer.ConnectionRestored += OnInterrupted;
        _multiplexer = multiplexer;
    }

    // Failed and restored, of either connection, mean the same: what was published meanwhile is missing. Some of the events never come.
    private void OnInterrupted(object? sender, ConnectionFailedEventArgs args)
    {
        Interlocked.Increment(ref _interruptions);
        Wake();
    }

    private async Task CheckAsync(CancellationToken stopping)
    {
        if (await PingAsync(stopping) is { } failure)
        {
            _failures++;
            Lose(failure);
            if (_failures % _options.WatchdogFailures == 0)
                await ReplaceAsync(stopping);
            return;
        }

        _failures = 0;
        _reachable.TrySetResult();
        var interruptions = _interruptions;
        if (interruptions == _answered || !await Resubscribe(stopping))
            return;
        _answered = interruptions;
        CanShareScripts = IsAlone();
        Regain();
    }

    /// <summary>Whether the client library has seen that no server is part of a cluster.</summary>
    private bool IsAlone() =>
        Multiplexer.GetServers() is { Length: > 0 } servers && Array.TrueForAll(servers, server => server.ServerType != ServerType.Cluster);

    private async Task<Exception?> PingAsync(CancellationToken stopping)
    {
        try
        {
            var multiplexer = Multiplexer;
            await Task.WhenAll(multiplexer.GetSubscriber().PingAsync(), multiplexer.GetDatabase().PingAsync()).WaitAsync(_options.Timeout, _time, stopping);
            return null;
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            // Whatever the client library throws, the ping was not answered. The watchdog must outlive it.
            return exception;
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "Closed here, or by the container, or when it is replaced itself.")]
    private async Task ReplaceAsync(CancellationToken stopping)
    {
        try
        {
            var fresh = await ConnectionMultiplexer.ConnectAsync(_settings.ForReplacement(_options.Timeout)).WaitAsync(stopping);
            var old = Multiplexer;
            Adopt(fresh);
            _replaced = true;
            Interlocked.Increment(ref _interruptions);
            LogReplaced(_failures);
            await CloseAsync(old);
            Wake();
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogReplaceFailed(exception.Message);
        }
    }

    private async Task CloseAsync(IConnectionMultiplexer multiplexer)
    {
        multiplexer.ConnectionFailed -= OnInterrupted;
        multiplexer.ConnectionRestored -= OnInterrupted;
        try
        {
            await multiplexer.CloseAsync(allowCommandsToComplete: false).WaitAsync(_options.Timeout);
        }
        catch (Exception exception) when (RedisFaults.IsOutage(exception, CancellationToken.None))
        {
            LogReplaceFailed(exception.Message);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _isUp = false;
        if (_multiplexer is { } multiplexer)
            await CloseAsync(multiplexer);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }
}
