namespace StackExchange.Redis;

/// <summary>Decides when the next attempt to connect is made.</summary>
public interface IReconnectRetryPolicy
{
    /// <summary>Whether to try again now; asked about every 100 ms while there is no connection.</summary>
    /// <param name="currentRetryCount">Attempts since the last connection.</param>
    /// <param name="timeElapsedMillisecondsSinceLastRetry">Milliseconds since the last attempt began.</param>
    bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry);
}

/// <summary>Tries again at a fixed interval.</summary>
/// <param name="maxRetryElapsedTimeAllowedMilliseconds">The interval in milliseconds.</param>
public class LinearRetry(int maxRetryElapsedTimeAllowedMilliseconds) : IReconnectRetryPolicy
{
    /// <inheritdoc/>
    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry) =>
        timeElapsedMillisecondsSinceLastRetry >= maxRetryElapsedTimeAllowedMilliseconds;
}

/// <summary>Tries again at intervals that grow by a tenth with each attempt, with jitter.</summary>
public class ExponentialRetry : IReconnectRetryPolicy
{
    private readonly int _first;
    private readonly int _longest;

    /// <summary>Intervals from this one up to 10 s, or up to this one if it is longer.</summary>
    /// <param name="deltaBackOffMilliseconds">The first interval in milliseconds.</param>
    public ExponentialRetry(int deltaBackOffMilliseconds)
        : this(deltaBackOffMilliseconds, Math.Max(deltaBackOffMilliseconds, 10_000))
    {
    }

    /// <summary>Intervals between these two.</summary>
    /// <param name="deltaBackOffMilliseconds">The first interval in milliseconds.</param>
    /// <param name="maxDeltaBackOffMilliseconds">The longest interval in milliseconds.</param>
    public ExponentialRetry(int deltaBackOffMilliseconds, int maxDeltaBackOffMilliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deltaBackOffMilliseconds);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDeltaBackOffMilliseconds, deltaBackOffMilliseconds);
        _first = deltaBackOffMilliseconds;
        _longest = maxDeltaBackOffMilliseconds;
    }

    /// <inheritdoc/>
    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry)
    {
        var limit = (int)Math.Min(_longest, _first * Math.Pow(1.1, currentRetryCount));
        return timeElapsedMillisecondsSinceLastRetry >= Random.Shared.Next(_first, Math.Max(_first, limit) + 1);
    }
}

/// <summary>What happens to commands while there is no connection.</summary>
public sealed class BacklogPolicy
{
    /// <summary>Commands wait for a connection, at most for their time-out.</summary>
    public static BacklogPolicy Default { get; } = new() { QueueWhileDisconnected = true };

    /// <summary>Commands fail at once with <see cref="RedisConnectionException"/>.</summary>
    public static BacklogPolicy FailFast { get; } = new() { AbortPendingOnConnectionFailure = true };

    /// <summary>Whether commands wait for a connection.</summary>
    public bool QueueWhileDisconnected { get; init; }

    /// <summary>Whether waiting commands fail when an attempt to connect does.</summary>
    public bool AbortPendingOnConnectionFailure { get; init; }
}
