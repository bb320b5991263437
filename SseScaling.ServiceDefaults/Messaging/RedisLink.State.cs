using Microsoft.Extensions.Logging;

namespace SseScaling.Messaging;

public sealed partial class RedisLink
{
    /// <summary>One line when the link is lost, one when it is back: never one per attempt.</summary>
    private void Lose(Exception? failure)
    {
        Interlocked.Increment(ref _interruptions);
        if (_isUp)
            _lostAt = _time.GetTimestamp();
        _isUp = false;
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
}
