using Polly;
using StackExchange.Redis;

namespace SseScaling.Messaging;

/// <summary>Which of the client library's exceptions mean that Redis cannot serve now, rather than that the caller is wrong.</summary>
/// <remarks>Stateless; any thread.</remarks>
public static class RedisFaults
{
    /// <summary>
    /// Connection lost, time-out, a connection that was closed for a new one, and what a server answers while it loads its data, is a
    /// replica, moves a slot or is out of memory; a time-out or an open circuit of the resilience pipeline.
    /// </summary>
    public static bool IsFault(Exception exception) =>
        exception is RedisException or TimeoutException or ObjectDisposedException or ExecutionRejectedException or MessagingUnavailableException;

    /// <summary>
    /// The same, or a cancellation that nobody asked for: version 3.1 of the client library cancels now and then what was under way when the
    /// connection went away.
    /// </summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="asked">The token by which the caller gives up.</param>
    public static bool IsOutage(Exception exception, CancellationToken asked) =>
        exception is OperationCanceledException ? !asked.IsCancellationRequested : IsFault(exception);

    /// <summary>The exception that callers of this layer get.</summary>
    public static MessagingUnavailableException Unavailable(Exception? cause) =>
        cause as MessagingUnavailableException ?? new("Redis cannot be reached at the moment.", cause);
}
