namespace StackExchange.Redis;

internal abstract partial class CommandSet
{
    public Task<bool> KeyDeleteAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        Send(Command("DEL"u8, 1).Add(key), Replies.IsOne, flags);

    public Task<long> KeyDeleteAsync(RedisKey[] keys, CommandFlags flags = CommandFlags.None) => keys.Length == 0
        ? Task.FromResult(0L)
        : Send(Command("DEL"u8, keys.Length).Add(keys), Replies.Integer, flags);

    public Task<bool> KeyExistsAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        Send(Command("EXISTS"u8, 1).Add(key), Replies.IsOne, flags);

    public Task<long> KeyExistsAsync(RedisKey[] keys, CommandFlags flags = CommandFlags.None) => keys.Length == 0
        ? Task.FromResult(0L)
        : Send(Command("EXISTS"u8, keys.Length).Add(keys), Replies.Integer, flags);

    public Task<bool> KeyExpireAsync(RedisKey key, TimeSpan? expiry, CommandFlags flags) =>
        KeyExpireAsync(key, expiry, ExpireWhen.Always, flags);

    public Task<bool> KeyExpireAsync(
        RedisKey key, TimeSpan? expiry, ExpireWhen when = ExpireWhen.Always, CommandFlags flags = CommandFlags.None)
    {
        if (expiry is not { } time)
            return Send(Command("PERSIST"u8, 1).Add(key), Replies.IsOne, flags);

        var request = Command("PEXPIRE"u8, when == ExpireWhen.Always ? 2 : 3).Add(key).Add(Milliseconds(time));
        if (when != ExpireWhen.Always)
            request.Add(Condition(when));

        return Send(request, Replies.IsOne, flags);
    }

    public Task<TimeSpan?> KeyTimeToLiveAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        Send(Command("PTTL"u8, 1).Add(key), Replies.TimeToLive, flags);

    public Task<RedisValue> StringGetAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        Send(Command("GET"u8, 1).Add(key), Replies.Value, flags);

    public Task<RedisValue[]> StringGetAsync(RedisKey[] keys, CommandFlags flags = CommandFlags.None) => keys.Length == 0
        ? Task.FromResult(Array.Empty<RedisValue>())
        : Send(Command("MGET"u8, keys.Length).Add(keys), Replies.Values, flags);

    public Task<long> StringIncrementAsync(RedisKey key, long value = 1, CommandFlags flags = CommandFlags.None) =>
        Send(Command("INCRBY"u8, 2).Add(key).Add(value), Replies.Integer, flags);

    public Task<bool> StringSetAsync(RedisKey key, RedisValue value, TimeSpan? expiry, When when) =>
        StringSetAsync(key, value, expiry, keepTtl: false, when, CommandFlags.None);

    public Task<bool> StringSetAsync(RedisKey key, RedisValue value, TimeSpan? expiry, When when, CommandFlags flags) =>
        StringSetAsync(key, value, expiry, keepTtl: false, when, flags);

    public Task<bool> StringSetAsync(
        RedisKey key, RedisValue value, TimeSpan? expiry = null, bool keepTtl = false, When when = When.Always, CommandFlags flags = CommandFlags.None)
    {
        if (value.IsNull)
            return KeyDeleteAsync(key, flags);

        var request = Command("SET"u8, 2 + (expiry is null ? 0 : 2) + (keepTtl ? 1 : 0) + (when == When.Always ? 0 : 1)).Add(key).Add(value);
        if (expiry is { } time)
            request.Add("PX"u8).Add(Milliseconds(time));

        if (keepTtl)
            request.Add("KEEPTTL"u8);

        if (when != When.Always)
            request.Add(when == When.Exists ? "XX"u8 : "NX"u8);

        return Send(request, Replies.IsOk, flags);
    }

    private static long Milliseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMillisecond;

    private static ReadOnlySpan<byte> Condition(ExpireWhen when) => when switch
    {
        ExpireWhen.GreaterThanCurrentExpiry => "GT"u8,
        ExpireWhen.LessThanCurrentExpiry => "LT"u8,
        ExpireWhen.HasExpiry => "XX"u8,
        _ => "NX"u8,
    };
}
