namespace StackExchange.Redis;

public partial interface IDatabaseAsync
{
    /// <summary>ZADD: whether the member is new.</summary>
    Task<bool> SortedSetAddAsync(RedisKey key, RedisValue member, double score, CommandFlags flags);

    /// <summary>ZADD: whether the member is new.</summary>
    Task<bool> SortedSetAddAsync(
        RedisKey key, RedisValue member, double score, SortedSetWhen when = SortedSetWhen.Always, CommandFlags flags = CommandFlags.None);

    /// <summary>ZADD: how many members are new.</summary>
    Task<long> SortedSetAddAsync(RedisKey key, SortedSetEntry[] values, CommandFlags flags);

    /// <summary>ZADD: how many members are new.</summary>
    Task<long> SortedSetAddAsync(
        RedisKey key, SortedSetEntry[] values, SortedSetWhen when = SortedSetWhen.Always, CommandFlags flags = CommandFlags.None);

    /// <summary>ZCARD, or ZCOUNT for a range of scores.</summary>
    Task<long> SortedSetLengthAsync(
        RedisKey key, double min = double.NegativeInfinity, double max = double.PositiveInfinity, Exclude exclude = Exclude.None, CommandFlags flags = CommandFlags.None);

    /// <summary>ZRANGE or ZREVRANGE by rank.</summary>
    Task<RedisValue[]> SortedSetRangeByRankAsync(
        RedisKey key, long start = 0, long stop = -1, Order order = Order.Ascending, CommandFlags flags = CommandFlags.None);

    /// <summary>ZRANGE or ZREVRANGE by rank, with scores.</summary>
    Task<SortedSetEntry[]> SortedSetRangeByRankWithScoresAsync(
        RedisKey key, long start = 0, long stop = -1, Order order = Order.Ascending, CommandFlags flags = CommandFlags.None);

    /// <summary>ZRANGEBYSCORE or ZREVRANGEBYSCORE.</summary>
    Task<RedisValue[]> SortedSetRangeByScoreAsync(
        RedisKey key,
        double start = double.NegativeInfinity,
        double stop = double.PositiveInfinity,
        Exclude exclude = Exclude.None,
        Order order = Order.Ascending,
        long skip = 0,
        long take = -1,
        CommandFlags flags = CommandFlags.None);

    /// <summary>ZRANGEBYSCORE or ZREVRANGEBYSCORE, with scores.</summary>
    Task<SortedSetEntry[]> SortedSetRangeByScoreWithScoresAsync(
        RedisKey key,
        double start = double.NegativeInfinity,
        double stop = double.PositiveInfinity,
        Exclude exclude = Exclude.None,
        Order order = Order.Ascending,
        long skip = 0,
        long take = -1,
        CommandFlags flags = CommandFlags.None);

    /// <summary>ZREM: whether the member was there.</summary>
    Task<bool> SortedSetRemoveAsync(RedisKey key, RedisValue member, CommandFlags flags = CommandFlags.None);

    /// <summary>ZREM: how many of the members were there.</summary>
    Task<long> SortedSetRemoveAsync(RedisKey key, RedisValue[] members, CommandFlags flags = CommandFlags.None);

    /// <summary>ZREMRANGEBYSCORE: how many members were removed.</summary>
    Task<long> SortedSetRemoveRangeByScoreAsync(
        RedisKey key, double start, double stop, Exclude exclude = Exclude.None, CommandFlags flags = CommandFlags.None);

    /// <summary>ZSCORE: null where the member is not there.</summary>
    Task<double?> SortedSetScoreAsync(RedisKey key, RedisValue member, CommandFlags flags = CommandFlags.None);
}
