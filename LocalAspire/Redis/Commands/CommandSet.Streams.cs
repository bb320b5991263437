namespace StackExchange.Redis;

internal abstract partial class CommandSet
{
    public Task<long> StreamAcknowledgeAsync(
        RedisKey key, RedisValue groupName, RedisValue messageId, CommandFlags flags = CommandFlags.None) =>
        Send(Command("XACK"u8, 3).Add(key).Add(groupName).Add(messageId), Replies.Integer, flags);

    public Task<long> StreamAcknowledgeAsync(
        RedisKey key, RedisValue groupName, RedisValue[] messageIds, CommandFlags flags = CommandFlags.None) =>
        messageIds.Length == 0
            ? Task.FromResult(0L)
            : Send(Command("XACK"u8, 2 + messageIds.Length).Add(key).Add(groupName).Add(messageIds), Replies.Integer, flags);

    public Task<RedisValue> StreamAddAsync(
        RedisKey key,
        RedisValue streamField,
        RedisValue streamValue,
        RedisValue? messageId = null,
        long? maxLength = null,
        bool useApproximateMaxLength = false,
        long? limit = null,
        StreamTrimMode trimMode = StreamTrimMode.KeepReferences,
        CommandFlags flags = CommandFlags.None) =>
        Send(
            XAdd(key, 1, messageId, maxLength, useApproximateMaxLength, limit, trimMode).Add(streamField).Add(OrEmpty(streamValue)),
            Replies.Value,
            flags);

    public Task<RedisValue> StreamAddAsync(
        RedisKey key,
        NameValueEntry[] streamPairs,
        RedisValue? messageId = null,
        long? maxLength = null,
        bool useApproximateMaxLength = false,
        long? limit = null,
        StreamTrimMode trimMode = StreamTrimMode.KeepReferences,
        CommandFlags flags = CommandFlags.None)
    {
        if (streamPairs.Length == 0)
            throw new ArgumentException("An entry needs at least one field.", nameof(streamPairs));

        var request = XAdd(key, streamPairs.Length, messageId, maxLength, useApproximateMaxLength, limit, trimMode);
        foreach (var pair in streamPairs)
            request.Add(pair.Name).Add(OrEmpty(pair.Value));

        return Send(request, Replies.Value, flags);
    }

    public Task<StreamAutoClaimResult> StreamAutoClaimAsync(
        RedisKey key,
        RedisValue consumerGroup,
        RedisValue claimingConsumer,
        long minIdleTimeInMs,
        RedisValue startAtId,
        int? count = null,
        CommandFlags flags = CommandFlags.None)
    {
        var request = Command("XAUTOCLAIM"u8, count is null ? 5 : 7)
            .Add(key).Add(consumerGroup).Add(claimingConsumer).Add(minIdleTimeInMs).Add(startAtId);
        return Send(AddCount(request, count), Replies.AutoClaim, flags);
    }

    public Task<bool> StreamCreateConsumerGroupAsync(
        RedisKey key, RedisValue groupName, RedisValue? position = null, bool createStream = true, CommandFlags flags = CommandFlags.None)
    {
        var request = Command("XGROUP"u8, createStream ? 5 : 4).Add("CREATE"u8).Add(key).Add(groupName).Add(position ?? StreamPosition.NewMessages);
        if (createStream)
            request.Add("MKSTREAM"u8);

        return Send(request, Replies.IsOk, flags);
    }

    public Task<long> StreamDeleteAsync(RedisKey key, RedisValue[] messageIds, CommandFlags flags = CommandFlags.None) =>
        messageIds.Length == 0
        ? Task.FromResult(0L)
        : Send(Command("XDEL"u8, 1 + messageIds.Length).Add(key).Add(messageIds), Replies.Integer, flags);

    public Task<long> StreamLengthAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        Send(Command("XLEN"u8, 1).Add(key), Replies.Integer, flags);

    public Task<StreamEntry[]> StreamRangeAsync(
        RedisKey key,
        RedisValue? minId = null,
        RedisValue? maxId = null,
        int? count = null,
        Order messageOrder = Order.Ascending,
        CommandFlags flags = CommandFlags.None)
    {
        var (low, high) = (minId ?? "-", maxId ?? "+");
        var request = messageOrder == Order.Ascending
            ? Command("XRANGE"u8, count is null ? 3 : 5).Add(key).Add(low).Add(high)
            : Command("XREVRANGE"u8, count is null ? 3 : 5).Add(key).Add(high).Add(low);
        return Send(AddCount(request, count), Replies.Stream, flags);
    }

    public Task<StreamEntry[]> StreamReadGroupAsync(
        RedisKey key,
        RedisValue groupName,
        RedisValue consumerName,
        RedisValue? position = null,
        int? count = null,
        bool noAck = false,
        CommandFlags flags = CommandFlags.None) =>
        Send(
            ReadGroup(groupName, consumerName, 1, count, noAck).Add(key).Add(position ?? ">"),
            Replies.SingleStream,
            flags);

    public Task<RedisStream[]> StreamReadGroupAsync(
        StreamPosition[] streamPositions,
        RedisValue groupName,
        RedisValue consumerName,
        int? countPerStream = null,
        bool noAck = false,
        CommandFlags flags = CommandFlags.None)
    {
        var request = ReadGroup(groupName, consumerName, streamPositions.Length, countPerStream, noAck);
        foreach (var stream in streamPositions)
            request.Add(stream.Key);

        // As in the true client: "new messages" means, in a group, those that no consumer has got yet.
        foreach (var stream in streamPositions)
            request.Add(stream.Position == StreamPosition.NewMessages ? ">" : stream.Position);

        return Send(request, Replies.Streams, flags);
    }

    private static RespWriter ReadGroup(RedisValue group, RedisValue consumer, int streams, int? count, bool noAck)
    {
        var request = Command("XREADGROUP"u8, 4 + (count is null ? 0 : 2) + (noAck ? 1 : 0) + (2 * streams)).Add("GROUP"u8).Add(group).Add(consumer);
        AddCount(request, count);
        if (noAck)
            request.Add("NOACK"u8);

        return request.Add("STREAMS"u8);
    }

    private static RespWriter XAdd(
        RedisKey key, int pairs, RedisValue? messageId, long? maxLength, bool approximate, long? limit, StreamTrimMode trimMode)
    {
        if (trimMode != StreamTrimMode.KeepReferences)
            throw new RedisCommandException($"Trim mode {trimMode} needs Redis 8.2; only {StreamTrimMode.KeepReferences} is supported.");

        if (limit is not null && (maxLength is null || !approximate))
            throw new RedisCommandException("A limit needs an approximate maximum length.");

        var trim = maxLength is null ? 0 : 2 + (approximate ? 1 : 0) + (limit is null ? 0 : 2);
        var request = Command("XADD"u8, 2 + trim + (2 * pairs)).Add(key);
        if (maxLength is { } length)
        {
            request.Add("MAXLEN"u8);
            if (approximate)
                request.Add("~"u8);

            request.Add(length);
            if (limit is { } most)
                request.Add("LIMIT"u8).Add(most);
        }

        return request.Add(messageId ?? "*");
    }

    private static RespWriter AddCount(RespWriter request, int? count) =>
        count is { } number ? request.Add("COUNT"u8).Add(number) : request;
}
