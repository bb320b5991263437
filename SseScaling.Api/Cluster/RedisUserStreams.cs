using SseScaling.Cluster;
using SseScaling.Redis;
using StackExchange.Redis;

namespace SseScaling.Api.Cluster;

/// <summary>The register of all replicas: one sorted set per user, the streams in the order of their opening.</summary>
internal sealed class RedisUserStreams(RedisLink link, ReplicaDirectory replicas) : IUserStreams
{
    /*  KEYS  the user's set
        ARGV  stream now-ms limit evict(1/0) live-instance*
        reply = false                 ; refused
              / *stream               ; those that must end
        A replica that was killed could not remove its streams: at the limit, those of instances that are no longer alive are dropped first, but
        for the youngest, whose replica may be so new that this one has not heard of it. */
    private const string Enter = """
        local limit = tonumber(ARGV[3])
        local open = redis.call('ZCARD', KEYS[1])
        if open >= limit then
            local live = {}
            for i = 5, #ARGV do live[ARGV[i]] = true end
            for _, stream in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2] - 10000)) do
                if not live[string.match(stream, '^(.*)/')] then
                    redis.call('ZREM', KEYS[1], stream)
                    open = open - 1
                end
            end
        end
        local ended = {}
        if open >= limit then
            if ARGV[4] == '0' then return false end
            ended = redis.call('ZRANGE', KEYS[1], 0, open - limit)
            redis.call('ZREM', KEYS[1], unpack(ended))
        end
        redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
        redis.call('EXPIRE', KEYS[1], 86400)
        return ended
        """;

    public async Task<IReadOnlyList<StreamName>?> EnterAsync(
        string user, StreamName stream, int limit, bool evict, CancellationToken cancellationToken)
    {
        RedisValue[] values =
        [
            stream.ToString(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), limit, evict ? 1 : 0,
            .. replicas.Live.Select(r => (RedisValue)r.Instance),
        ];
        var reply = await link.AskAsync(database => database.ScriptEvaluateAsync(Enter, [RedisKeys.UserStreams(user)], values), cancellationToken);
        return reply.IsNull ? null : [.. ((string?[]?)reply ?? []).Select(s => StreamName.Parse(s!)).OfType<StreamName>()];
    }

    public async Task LeaveAsync(string user, StreamName stream)
    {
        try
        {
            await link.AskAsync(database => database.SortedSetRemoveAsync(RedisKeys.UserStreams(user), stream.ToString(), CommandFlags.FireAndForget));
        }
        catch (SseUnavailableException)
        {
            // Dropped at the user's limit once this replica is gone, or when the set expires.
        }
    }

    public async Task EndAsync(StreamName stream)
    {
        try
        {
            await link.AskAsync(database => database.PublishAsync(RedisKeys.Control(stream.Instance), ControlMessages.End(stream.Number), CommandFlags.FireAndForget));
        }
        catch (SseUnavailableException)
        {
            // The user has one stream more than allowed until it ends by itself.
        }
    }
}
