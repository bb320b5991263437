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
    // The errors of a server that answers and does not do its work: src/server.c and src/script.c of Redis 7. All else concerns one key or one call.
    private static readonly string[] Refusals =
        ["READONLY", "OOM", "MISCONF", "NOPERM", "NOAUTH", "WRONGPASS", "LOADING", "CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS", "BUSY"];

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

    /// <summary>What a script answered instead of doing its work, as the server said it.</summary>
    public static SseUnavailableException Refused(string message) => new($"Redis refuses at the moment: {message}");

    /// <summary>The server's word for why it does no work at all, such as <c>OOM</c>; null where it does, or is away.</summary>
    public static string? Refusal(Exception exception)
    {
        if (exception is not (RedisServerException or SseUnavailableException))
            return null;
        // Of a script that may not use a key, Redis 7 says "ACL failure in script"; the client wraps what a server said of a password.
        return exception.Message.Contains("ACL failure", StringComparison.Ordinal)
            ? "NOPERM"
            : Array.Find(Refusals, code => exception.Message.Contains(code, StringComparison.Ordinal));
    }
}
