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
    /// <param name="exception">What was thrown.</param>
    /// <param name="asked">The token by which the caller would give up. A cancellation that it did not ask for is the client library's way of
    /// saying that the connection went away under a command (3.1 does so now and then).</param>
    public static bool IsFault(Exception exception, CancellationToken asked = default) => exception is OperationCanceledException
        ? !asked.IsCancellationRequested
        : exception is RedisException or TimeoutException or ObjectDisposedException or ExecutionRejectedException or MessagingUnavailableException;

    /// <summary>The exception that callers of this layer get.</summary>
    public static MessagingUnavailableException Unavailable(Exception? cause) =>
        cause as MessagingUnavailableException ?? new("Redis cannot be reached at the moment.", cause);
}
