using Microsoft.Extensions.Options;
using SseScaling.Hosting;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>Watches the link to Redis: pings it, replaces a connection that hangs, and has the topics subscribed anew after an interruption.</summary>
/// <remarks>
/// One loop moves the link's state; the client library's events only count an interruption and wake it. Starts without Redis: the first connection
/// is made in the background.
/// </remarks>
internal sealed partial class RedisWatchdog(
    RedisLink link, RedisConnector connector, RedisProbe probe, TopicSubscriptions subscriptions, IOptions<SseRedisOptions> options, TimeProvider time, Supervision supervision,
    ILogger<RedisWatchdog> log) : SupervisedService(supervision)
{
    // Both connections of a multiplexer report their restore, some ms apart; one Restored answers for both.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(50);

    private readonly SseRedisOptions _options = options.Value;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private int _answered;
    private int _failures;
    private int _demoted;
    private bool _replaced;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await EndAsync();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        // Of a host that is disposed without a stop.
        _ = EndAsync();
        _wake.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (link.Connection is null)
            await ConnectAsync(stoppingToken);
        while (true)
        {
            await CheckAsync(stoppingToken);
            Worked(_options.WatchdogInterval);
            if (await _wake.WaitAsync(_options.WatchdogInterval, stoppingToken))
                await Task.Delay(Settle, time, stoppingToken);
        }
    }

    private async Task ConnectAsync(CancellationToken stopping)
    {
        var connecting = connector.ConnectAsync(_options);
        try
        {
            if (await Task.WhenAny(connecting, Task.Delay(_options.Timeout, time, stopping)) != connecting && !stopping.IsCancellationRequested)
                link.Lose(null);
            Adopt(await connecting.WaitAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            _ = LeaveLateAsync(connecting);
            throw;
        }
    }

    /// <summary>Nobody waits for it any more, and it would try for as long as the process lives.</summary>
    private async Task LeaveLateAsync(Task<IConnectionMultiplexer> connecting) => await LeaveAsync(await connecting);

    private void Adopt(IConnectionMultiplexer connection)
    {
        connection.ConnectionFailed += OnInterrupted;
        connection.ConnectionRestored += OnInterrupted;
        link.Connection = connection;
    }

    // Failed and restored, of either connection, mean the same: what was published meanwhile is missing. Some of the events never come.
    private void OnInterrupted(object? sender, ConnectionFailedEventArgs args)
    {
        link.Interrupt();
        Wake();
    }

    private void Wake()
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

    private async Task CheckAsync(CancellationToken stopping)
    {
        if (await PingAsync(stopping) is { } failure)
        {
            _failures++;
            link.Lose(failure);
            if (_failures % _options.WatchdogFailures == 0)
                await ReplaceAsync(stopping);
            return;
        }

        _failures = 0;
        link.Reach();
        await probe.AskAsync(stopping);
        // It was demoted, and the client library may keep to it for a minute: a new connection asks anew who the primary is.
        if (link.Refusal != "READONLY")
            _demoted = 0;
        else if (++_demoted % _options.WatchdogFailures == 0)
            await ReplaceAsync(stopping);
        var interruptions = link.Interruptions;
        if (interruptions == _answered || !await subscriptions.RenewAsync(stopping))
            return;
        _answered = interruptions;
        link.Regain(byWatchdog: _replaced);
        _replaced = false;
    }

    private async Task<Exception?> PingAsync(CancellationToken stopping)
    {
        try
        {
            var connection = link.Multiplexer;
            await Task.WhenAll(connection.GetSubscriber().PingAsync(), connection.GetDatabase().PingAsync()).WaitAsync(_options.Timeout, time, stopping);
            return null;
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            // Whatever the client library throws, the ping was not answered. The watchdog must outlive it.
            return exception;
        }
    }

    private async Task ReplaceAsync(CancellationToken stopping)
    {
        try
        {
            var fresh = await connector.ReplaceAsync(_options).WaitAsync(stopping);
            var old = link.Multiplexer;
            Adopt(fresh);
            _replaced = true;
            link.Interrupt();
            LogReplaced(Math.Max(_failures, _demoted));
            await LeaveAsync(old);
            Wake();
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogReplaceFailed(exception.Message);
        }
    }

    private async Task EndAsync()
    {
        var connection = link.Connection;
        link.End();
        if (connection is not null)
            await LeaveAsync(connection);
    }

    /// <summary>Closes a connection, unless it belongs to the application.</summary>
    private async Task LeaveAsync(IConnectionMultiplexer connection)
    {
        connection.ConnectionFailed -= OnInterrupted;
        connection.ConnectionRestored -= OnInterrupted;
        if (connector.IsShared(connection))
            return;
        try
        {
            await connection.CloseAsync(allowCommandsToComplete: false).WaitAsync(_options.Timeout);
        }
        catch (Exception exception) when (RedisFaults.IsOutage(exception, CancellationToken.None))
        {
            LogReplaceFailed(exception.Message);
        }
    }

    [LoggerMessage(104, LogLevel.Warning, "{Failures} checks of Redis in a row failed; opened a new connection")]
    private partial void LogReplaced(int failures);

    [LoggerMessage(105, LogLevel.Debug, "A Redis connection could not be opened or closed: {Reason}")]
    private partial void LogReplaceFailed(string reason);
}
