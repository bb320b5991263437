namespace StackExchange.Redis;

public partial interface IDatabaseAsync
{
    /// <summary>XACK: how many of the entries were pending.</summary>
    Task<long> StreamAcknowledgeAsync(RedisKey key, RedisValue groupName, RedisValue messageId, CommandFlags flags = CommandFlags.None);

    /// <summary>XACK: how many of the entries were pending.</summary>
    Task<long> StreamAcknowledgeAsync(RedisKey key, RedisValue groupName, RedisValue[] messageIds, CommandFlags flags = CommandFlags.None);

    /// <summary>XADD with one field: the entry's id.</summary>
    Task<RedisValue> StreamAddAsync(
        RedisKey key,
        RedisValue streamField,
        RedisValue streamValue,
        RedisValue? messageId = null,
        long? maxLength = null,
        bool useApproximateMaxLength = false,
        long? limit = null,
        StreamTrimMode trimMode = StreamTrimMode.KeepReferences,
        CommandFlags flags = CommandFlags.None);

    /// <summary>XADD: the entry's id.</summary>
    Task<RedisValue> StreamAddAsync(
        RedisKey key,
        NameValueEntry[] streamPairs,
        RedisValue? messageId = null,
        long? maxLength = null,
        bool useApproximateMaxLength = false,
        long? limit = null,
        StreamTrimMode trimMode = StreamTrimMode.KeepReferences,
        CommandFlags flags = CommandFlags.None);

    /// <summary>XAUTOCLAIM: takes over entries that were pending for at least this many milliseconds.</summary>
    Task<StreamAutoClaimResult> StreamAutoClaimAsync(
        RedisKey key,
        RedisValue consumerGroup,
        RedisValue claimingConsumer,
        long minIdleTimeInMs,
        RedisValue startAtId,
        int? count = null,
        CommandFlags flags = CommandFlags.None);

    /// <summary>XGROUP CREATE: true, or <see cref="RedisServerException"/> BUSYGROUP where it exists.</summary>
    Task<bool> StreamCreateConsumerGroupAsync(
        RedisKey key, RedisValue groupName, RedisValue? position = null, bool createStream = true, CommandFlags flags = CommandFlags.None);

    /// <summary>XDEL: how many of the entries existed.</summary>
    Task<long> StreamDeleteAsync(RedisKey key, RedisValue[] messageIds, CommandFlags flags = CommandFlags.None);

    /// <summary>XLEN.</summary>
    Task<long> StreamLengthAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>XRANGE or XREVRANGE: entries from minId to maxId, both included unless written `(id`.</summary>
    Task<StreamEntry[]> StreamRangeAsync(
        RedisKey key,
        RedisValue? minId = null,
        RedisValue? maxId = null,
        int? count = null,
        Order messageOrder = Order.Ascending,
        CommandFlags flags = CommandFlags.None);

    /// <summary>XREADGROUP from one stream, without waiting. Without a position: entries no consumer has got yet.</summary>
    Task<StreamEntry[]> StreamReadGroupAsync(
        RedisKey key,
        RedisValue groupName,
        RedisValue consumerName,
        RedisValue? position = null,
        int? count = null,
        bool noAck = false,
        CommandFlags flags = CommandFlags.None);

    /// <summary>XREADGROUP from several streams, without waiting.</summary>
    Task<RedisStream[]> StreamReadGroupAsync(
        StreamPosition[] streamPositions,
        RedisValue groupName,
        RedisValue consumerName,
        int? countPerStream = null,
        bool noAck = false,
        CommandFlags flags = CommandFlags.None);
}
