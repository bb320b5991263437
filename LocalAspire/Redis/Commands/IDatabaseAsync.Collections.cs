namespace StackExchange.Redis;

public partial interface IDatabaseAsync
{
    /// <summary>HDEL: whether the field existed.</summary>
    Task<bool> HashDeleteAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None);

    /// <summary>HDEL: how many of the fields existed.</summary>
    Task<long> HashDeleteAsync(RedisKey key, RedisValue[] hashFields, CommandFlags flags = CommandFlags.None);

    /// <summary>HEXISTS.</summary>
    Task<bool> HashExistsAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None);

    /// <summary>HGET.</summary>
    Task<RedisValue> HashGetAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None);

    /// <summary>HMGET.</summary>
    Task<RedisValue[]> HashGetAsync(RedisKey key, RedisValue[] hashFields, CommandFlags flags = CommandFlags.None);

    /// <summary>HGETALL.</summary>
    Task<HashEntry[]> HashGetAllAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>HINCRBY: the new value.</summary>
    Task<long> HashIncrementAsync(RedisKey key, RedisValue hashField, long value = 1, CommandFlags flags = CommandFlags.None);

    /// <summary>HINCRBYFLOAT: the new value.</summary>
    Task<double> HashIncrementAsync(RedisKey key, RedisValue hashField, double value, CommandFlags flags = CommandFlags.None);

    /// <summary>HLEN.</summary>
    Task<long> HashLengthAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>HSET.</summary>
    Task HashSetAsync(RedisKey key, HashEntry[] hashFields, CommandFlags flags = CommandFlags.None);

    /// <summary>HSET or HSETNX: whether the field is new.</summary>
    Task<bool> HashSetAsync(
        RedisKey key, RedisValue hashField, RedisValue value, When when = When.Always, CommandFlags flags = CommandFlags.None);

    /// <summary>SADD: whether the value is new.</summary>
    Task<bool> SetAddAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None);

    /// <summary>SADD: how many of the values are new.</summary>
    Task<long> SetAddAsync(RedisKey key, RedisValue[] values, CommandFlags flags = CommandFlags.None);

    /// <summary>SISMEMBER.</summary>
    Task<bool> SetContainsAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None);

    /// <summary>SMISMEMBER.</summary>
    Task<bool[]> SetContainsAsync(RedisKey key, RedisValue[] values, CommandFlags flags = CommandFlags.None);

    /// <summary>SCARD.</summary>
    Task<long> SetLengthAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>SMEMBERS.</summary>
    Task<RedisValue[]> SetMembersAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>SREM: whether the value was there.</summary>
    Task<bool> SetRemoveAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None);

    /// <summary>SREM: how many of the values were there.</summary>
    Task<long> SetRemoveAsync(RedisKey key, RedisValue[] values, CommandFlags flags = CommandFlags.None);

    /// <summary>SSCAN: the members, page by page. A member may come twice if the set changes meanwhile.</summary>
    IAsyncEnumerable<RedisValue> SetScanAsync(
        RedisKey key, RedisValue pattern = default, int pageSize = 250, long cursor = 0, int pageOffset = 0, CommandFlags flags = CommandFlags.None);
}
