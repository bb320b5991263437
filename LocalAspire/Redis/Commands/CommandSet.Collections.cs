using System.Runtime.CompilerServices;

namespace StackExchange.Redis;

internal abstract partial class CommandSet
{
    public Task<bool> HashDeleteAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None) =>
        Send(Command("HDEL"u8, 2).Add(key).Add(hashField), Replies.IsOne, flags);

    public Task<long> HashDeleteAsync(RedisKey key, RedisValue[] hashFields, CommandFlags flags = CommandFlags.None) =>
        hashFields.Length == 0
        ? Task.FromResult(0L)
        : Send(Command("HDEL"u8, 1 + hashFields.Length).Add(key).Add(hashFields), Replies.Integer, flags);

    public Task<bool> HashExistsAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None) =>
        Send(Command("HEXISTS"u8, 2).Add(key).Add(hashField), Replies.IsOne, flags);

    public Task<RedisValue> HashGetAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None) =>
        Send(Command("HGET"u8, 2).Add(key).Add(hashField), Replies.Value, flags);

    public Task<RedisValue[]> HashGetAsync(RedisKey key, RedisValue[] hashFields, CommandFlags flags = CommandFlags.None) =>
        hashFields.Length == 0
        ? Task.FromResult(Array.Empty<RedisValue>())
        : Send(Command("HMGET"u8, 1 + hashFields.Length).Add(key).Add(hashFields), Replies.Values, flags);

    public Task<HashEntry[]> HashGetAllAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        Send(Command("HGETALL"u8, 1).Add(key), Replies.Hash, flags);

    public Task<long> HashIncrementAsync(RedisKey key, RedisValue hashField, long value = 1, CommandFlags flags = CommandFlags.None) =>
        Send(Command("HINCRBY"u8, 3).Add(key).Add(hashField).Add(value), Replies.Integer, flags);

    public Task<double> HashIncrementAsync(RedisKey key, RedisValue hashField, double value, CommandFlags flags = CommandFlags.None) =>
        Send(Command("HINCRBYFLOAT"u8, 3).Add(key).Add(hashField).Add((RedisValue)value), Replies.Double, flags);

    public Task<long> HashLengthAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        Send(Command("HLEN"u8, 1).Add(key), Replies.Integer, flags);

    public Task HashSetAsync(RedisKey key, HashEntry[] hashFields, CommandFlags flags = CommandFlags.None)
    {
        if (hashFields.Length == 0)
            return Task.CompletedTask;

        var request = Command("HSET"u8, 1 + (2 * hashFields.Length)).Add(key);
        foreach (var field in hashFields)
            request.Add(field.Name).Add(OrEmpty(field.Value));

        return Send(request, Replies.Integer, flags);
    }

    public Task<bool> HashSetAsync(
        RedisKey key, RedisValue hashField, RedisValue value, When when = When.Always, CommandFlags flags = CommandFlags.None) =>
        Send(Command(when == When.NotExists ? "HSETNX"u8 : "HSET"u8, 3).Add(key).Add(hashField).Add(OrEmpty(value)), Replies.IsOne, flags);

    public Task<bool> SetAddAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None) =>
        Send(Command("SADD"u8, 2).Add(key).Add(value), Replies.IsOne, flags);

    public Task<long> SetAddAsync(RedisKey key, RedisValue[] values, CommandFlags flags = CommandFlags.None) => values.Length == 0
        ? Task.FromResult(0L)
        : Send(Command("SADD"u8, 1 + values.Length).Add(key).Add(values), Replies.Integer, flags);

    public Task<bool> SetContainsAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None) =>
        Send(Command("SISMEMBER"u8, 2).Add(key).Add(value), Replies.IsOne, flags);

    public Task<bool[]> SetContainsAsync(RedisKey key, RedisValue[] values, CommandFlags flags = CommandFlags.None) => values.Length == 0
        ? Task.FromResult(Array.Empty<bool>())
        : Send(Command("SMISMEMBER"u8, 1 + values.Length).Add(key).Add(values), Replies.Flags, flags);

    public Task<long> SetLengthAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        Send(Command("SCARD"u8, 1).Add(key), Replies.Integer, flags);

    public Task<RedisValue[]> SetMembersAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        Send(Command("SMEMBERS"u8, 1).Add(key), Replies.Values, flags);

    public Task<bool> SetRemoveAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None) =>
        Send(Command("SREM"u8, 2).Add(key).Add(value), Replies.IsOne, flags);

    public Task<long> SetRemoveAsync(RedisKey key, RedisValue[] values, CommandFlags flags = CommandFlags.None) => values.Length == 0
        ? Task.FromResult(0L)
        : Send(Command("SREM"u8, 1 + values.Length).Add(key).Add(values), Replies.Integer, flags);

    public IAsyncEnumerable<RedisValue> SetScanAsync(
        RedisKey key, RedisValue pattern = default, int pageSize = 250, long cursor = 0, int pageOffset = 0, CommandFlags flags = CommandFlags.None) =>
        ScanAsync(key, pattern, pageSize, cursor, pageOffset, flags);

    private async IAsyncEnumerable<RedisValue> ScanAsync(
        RedisKey key, RedisValue pattern, int pageSize, long cursor, int pageOffset, CommandFlags flags, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        do
        {
            var page = await ScanPageAsync(key, pattern, pageSize, cursor, flags).WaitAsync(cancellationToken);
            foreach (var value in page.Values.Skip(pageOffset))
                yield return value;

            pageOffset = 0;
            cursor = page.Next;
        }
        while (cursor != 0);
    }

    private Task<ScanPage> ScanPageAsync(RedisKey key, RedisValue pattern, int pageSize, long cursor, CommandFlags flags)
    {
        var request = Command("SSCAN"u8, pattern.IsNull ? 4 : 6).Add(key).Add(cursor);
        if (!pattern.IsNull)
            request.Add("MATCH"u8).Add(pattern);

        return Send(request.Add("COUNT"u8).Add(pageSize), Replies.Scan, flags & ~CommandFlags.FireAndForget);
    }
}
