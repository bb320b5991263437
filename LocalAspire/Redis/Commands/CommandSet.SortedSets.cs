namespace StackExchange.Redis;

internal abstract partial class CommandSet
{
    public Task<bool> SortedSetAddAsync(RedisKey key, RedisValue member, double score, CommandFlags flags) =>
        SortedSetAddAsync(key, member, score, SortedSetWhen.Always, flags);

    public Task<bool> SortedSetAddAsync(
        RedisKey key, RedisValue member, double score, SortedSetWhen when = SortedSetWhen.Always, CommandFlags flags = CommandFlags.None) =>
        Send(ZAdd(key, 1, when).Add((RedisValue)score).Add(member), Replies.IsOne, flags);

    public Task<long> SortedSetAddAsync(RedisKey key, SortedSetEntry[] values, CommandFlags flags) =>
        SortedSetAddAsync(key, values, SortedSetWhen.Always, flags);

    public Task<long> SortedSetAddAsync(
        RedisKey key, SortedSetEntry[] values, SortedSetWhen when = SortedSetWhen.Always, CommandFlags flags = CommandFlags.None)
    {
        if (values.Length == 0)
            return Task.FromResult(0L);

        var request = ZAdd(key, values.Length, when);
        foreach (var entry in values)
            request.Add((RedisValue)entry.Score).Add(entry.Element);

        return Send(request, Replies.Integer, flags);
    }

    public Task<long> SortedSetLengthAsync(
        RedisKey key, double min = double.NegativeInfinity, double max = double.PositiveInfinity, Exclude exclude = Exclude.None, CommandFlags flags = CommandFlags.None) =>
        double.IsNegativeInfinity(min) && double.IsPositiveInfinity(max)
            ? Send(Command("ZCARD"u8, 1).Add(key), Replies.Integer, flags)
            : Send(Command("ZCOUNT"u8, 3).Add(key).Add(Bound(min, exclude, Exclude.Start)).Add(Bound(max, exclude, Exclude.Stop)), Replies.Integer, flags);

    public Task<RedisValue[]> SortedSetRangeByRankAsync(
        RedisKey key, long start = 0, long stop = -1, Order order = Order.Ascending, CommandFlags flags = CommandFlags.None) =>
        Send(Command(order == Order.Ascending ? "ZRANGE"u8 : "ZREVRANGE"u8, 3).Add(key).Add(start).Add(stop), Replies.Values, flags);

    public Task<SortedSetEntry[]> SortedSetRangeByRankWithScoresAsync(
        RedisKey key, long start = 0, long stop = -1, Order order = Order.Ascending, CommandFlags flags = CommandFlags.None) =>
        Send(
            Command(order == Order.Ascending ? "ZRANGE"u8 : "ZREVRANGE"u8, 4).Add(key).Add(start).Add(stop).Add("WITHSCORES"u8),
            Replies.SortedSet,
            flags);

    public Task<RedisValue[]> SortedSetRangeByScoreAsync(
        RedisKey key,
        double start = double.NegativeInfinity,
        double stop = double.PositiveInfinity,
        Exclude exclude = Exclude.None,
        Order order = Order.Ascending,
        long skip = 0,
        long take = -1,
        CommandFlags flags = CommandFlags.None) =>
        Send(RangeByScore(key, start, stop, exclude, order, skip, take, withScores: false), Replies.Values, flags);

    public Task<SortedSetEntry[]> SortedSetRangeByScoreWithScoresAsync(
        RedisKey key,
        double start = double.NegativeInfinity,
        double stop = double.PositiveInfinity,
        Exclude exclude = Exclude.None,
        Order order = Order.Ascending,
        long skip = 0,
        long take = -1,
        CommandFlags flags = CommandFlags.None) =>
        Send(RangeByScore(key, start, stop, exclude, order, skip, take, withScores: true), Replies.SortedSet, flags);

    public Task<bool> SortedSetRemoveAsync(RedisKey key, RedisValue member, CommandFlags flags = CommandFlags.None) =>
        Send(Command("ZREM"u8, 2).Add(key).Add(member), Replies.IsOne, flags);

    public Task<long> SortedSetRemoveAsync(RedisKey key, RedisValue[] members, CommandFlags flags = CommandFlags.None) =>
        members.Length == 0
        ? Task.FromResult(0L)
        : Send(Command("ZREM"u8, 1 + members.Length).Add(key).Add(members), Replies.Integer, flags);

    public Task<long> SortedSetRemoveRangeByScoreAsync(
        RedisKey key, double start, double stop, Exclude exclude = Exclude.None, CommandFlags flags = CommandFlags.None) =>
        Send(
            Command("ZREMRANGEBYSCORE"u8, 3).Add(key).Add(Bound(start, exclude, Exclude.Start)).Add(Bound(stop, exclude, Exclude.Stop)),
            Replies.Integer,
            flags);

    public Task<double?> SortedSetScoreAsync(RedisKey key, RedisValue member, CommandFlags flags = CommandFlags.None) =>
        Send(Command("ZSCORE"u8, 2).Add(key).Add(member), Replies.OptionalDouble, flags);

    private static RespWriter ZAdd(RedisKey key, int members, SortedSetWhen when)
    {
        var options = System.Numerics.BitOperations.PopCount((uint)when);
        var request = Command("ZADD"u8, 1 + options + (2 * members)).Add(key);
        if (when.HasFlag(SortedSetWhen.NotExists))
            request.Add("NX"u8);

        if (when.HasFlag(SortedSetWhen.Exists))
            request.Add("XX"u8);

        if (when.HasFlag(SortedSetWhen.GreaterThan))
            request.Add("GT"u8);

        if (when.HasFlag(SortedSetWhen.LessThan))
            request.Add("LT"u8);

        return request;
    }

    private static RespWriter RangeByScore(
        RedisKey key, double start, double stop, Exclude exclude, Order order, long skip, long take, bool withScores)
    {
        var limited = skip != 0 || take != -1;
        var (first, last) = (Bound(start, exclude, Exclude.Start), Bound(stop, exclude, Exclude.Stop));
        var arguments = 3 + (withScores ? 1 : 0) + (limited ? 3 : 0);
        var request = Command(order == Order.Ascending ? "ZRANGEBYSCORE"u8 : "ZREVRANGEBYSCORE"u8, arguments)
            .Add(key)
            .Add(order == Order.Ascending ? first : last)
            .Add(order == Order.Ascending ? last : first);
        if (withScores)
            request.Add("WITHSCORES"u8);

        return limited ? request.Add("LIMIT"u8).Add(skip).Add(take) : request;
    }

    private static RedisValue Bound(double score, Exclude exclude, Exclude end) =>
        exclude.HasFlag(end) ? "(" + (RedisValue)score : (RedisValue)score;
}
