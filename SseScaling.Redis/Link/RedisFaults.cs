using Polly;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>What a failed call of the client library means.</summary>
/// <remarks>
/// Asked only where the client is called, and there the question is not which exceptions it may throw, for that differs from version to version
/// (while a connection goes away: those of its pipes and queues, and cancellations), but whether the caller is to blame. Stateless; any thread.
/// </remarks>
internal static class RedisFaults
{
    /// <summary>Whether Redis cannot serve now: whatever was thrown, unless the caller gave up or passed a wrong argument.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="asked">The token by which the caller gives up.</param>
    public static bool IsOutage(Exception exception, CancellationToken asked) => exception switch
    {
        OperationCanceledException => !asked.IsCancellationRequested,
        ArgumentException => false,
        _ => true,
    };

    /// <summary>
    /// Whether it is one of those by which an outage shows: lost connection, time-out, what a server answers that cannot serve, a connection that was closed for
    /// a new one, an open circuit. Anything else can as well be a mistake, and is said (<see cref="RedisLink.Unavailable"/>).
    /// </summary>
    public static bool IsUsual(Exception exception) =>
        exception is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException
            or ExecutionRejectedException or SseUnavailableException;
}
