using System.Collections.Concurrent;
using StackExchange.Redis;

namespace SseScaling.Redis;

public sealed partial class RedisLink
{
    private readonly ConcurrentDictionary<Type, bool> _unusual = new();

    /// <summary>The exception that callers of this layer get. A cause by which no outage shows is logged, once until the link is back.</summary>
    internal SseUnavailableException Unavailable(Exception cause)
    {
        if (!RedisFaults.IsUsual(cause) && _unusual.TryAdd(cause.GetType(), true))
            LogUnusual(cause, cause.GetType().Name);
        return cause as SseUnavailableException ?? new SseUnavailableException(
            cause is RedisServerException refused ? $"Redis refuses at the moment: {refused.Message}" : "Redis cannot be reached at the moment.", cause);
    }

    /// <summary>One line when the link is lost, one when it is back: never one per attempt.</summary>
    private void Lose(Exception? failure)
    {
        Interlocked.Increment(ref _interruptions);
        if (_isUp)
            _lostAt = _time.GetTimestamp();
        _isUp = false;
        _supervision.OutageBegan();
        if (_reachable.Task.IsCompleted)
            _reachable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_saidLost)
            return;
        _saidLost = true;
        LogLost(failure?.Message ?? "no answer yet");
    }

    private void Regain()
    {
        var connectedAtOnce = !_everUp && !_saidLost;
        if (connectedAtOnce)
            LogConnected();
        else if (_saidLost)
            LogBack(_time.GetElapsedTime(_lostAt).TotalSeconds);
        else
            LogBlinked();
        _saidLost = false;
        _isUp = _everUp = true;
        _unusual.Clear();
        _supervision.OutageEnded();
        if (connectedAtOnce)
            return;
        _telemetry.Reconnected(_replaced);
        _replaced = false;
        Restored?.Invoke();
    }

    [LoggerMessage(100, LogLevel.Information, "Connected to Redis")]
    private partial void LogConnected();

    [LoggerMessage(101, LogLevel.Warning, "Redis is not reachable: {Reason}. Trying until it is")]
    private partial void LogLost(string reason);

    [LoggerMessage(102, LogLevel.Information, "Redis is reachable after {Seconds:F1} s")]
    private partial void LogBack(double seconds);

    [LoggerMessage(103, LogLevel.Information, "The Redis connection was interrupted and is back; looking for missed events")]
    private partial void LogBlinked();

    [LoggerMessage(104, LogLevel.Warning, "{Failures} pings of Redis in a row failed; opened a new connection")]
    private partial void LogReplaced(int failures);

    [LoggerMessage(105, LogLevel.Debug, "A Redis connection could not be opened or closed: {Reason}")]
    private partial void LogReplaceFailed(string reason);

    [LoggerMessage(106, LogLevel.Warning, "A call of the Redis client failed by {Type}, which is no usual form of an outage; taken as one")]
    private partial void LogUnusual(Exception failure, string type);
}
