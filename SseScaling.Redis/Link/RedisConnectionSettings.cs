using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>How this process connects to Redis, kept so that a half-open connection can be replaced by one like it.</summary>
internal sealed class RedisConnectionSettings
{
    // 1,000 channels were live again 0.8 s after a restart of Redis (1.8 s at most); the client's default took 2.8 to 6 s.
    private const int ReconnectMilliseconds = 1_000;

    private ConfigurationOptions? _used;

    /// <summary>Sets what the messaging relies on, over what the connection string says, and remembers all of it.</summary>
    internal void Apply(ConfigurationOptions options, SseRedisOptions messaging, string clientName)
    {
        var timeout = (int)messaging.Timeout.TotalMilliseconds;
        options.AbortOnConnectFail = false;
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectMilliseconds);
        // A command that waited for the link runs late and out of order; callers hear of the outage at once instead.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        // With RESP3 one connection carries both, and a PUBLISH inside a script can answer ahead of the script.
        options.Protocol = RedisProtocol.Resp2;
        options.AsyncTimeout = options.SyncTimeout = timeout;
        options.ClientName = clientName;
        // The library logs each attempt to connect; the link says lost and back, once each.
        options.LoggerFactory = NullLoggerFactory.Instance;
        _used = options.Clone();
    }

    /// <summary>The same options for a second connection, which has one attempt of the given time: whoever replaces a connection tries again itself.</summary>
    internal ConfigurationOptions ForReplacement(TimeSpan timeout)
    {
        var options = (_used ?? throw new SseUnavailableException("The first connection to Redis was not made yet.")).Clone();
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = (int)timeout.TotalMilliseconds;
        return options;
    }
}
