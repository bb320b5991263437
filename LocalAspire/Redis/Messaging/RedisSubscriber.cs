namespace StackExchange.Redis;

internal sealed class RedisSubscriber(ConnectionMultiplexer multiplexer) : ISubscriber
{
    public IConnectionMultiplexer Multiplexer => multiplexer;

    public bool IsConnected(RedisChannel channel = default) =>
        multiplexer.Subscriptions.IsConnected && (channel.IsNullOrEmpty || multiplexer.Receiver.IsSubscribed(channel));

    public Task<TimeSpan> PingAsync(CommandFlags flags = CommandFlags.None) =>
        multiplexer.Subscriptions.Send(RespWriter.Command("PING"u8, 0), new PingReply(), flags);

    public Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None) =>
        multiplexer.GetDatabase().PublishAsync(channel, message, flags);

    public Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler, CommandFlags flags = CommandFlags.None)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return multiplexer.Receiver.AddAsync(multiplexer.Subscriptions, Named(channel), handler, flags);
    }

    public async Task<ChannelMessageQueue> SubscribeAsync(RedisChannel channel, CommandFlags flags = CommandFlags.None)
    {
        var queue = new ChannelMessageQueue(Named(channel), multiplexer);
        await multiplexer.Receiver.AddAsync(multiplexer.Subscriptions, channel, queue, flags);
        return queue;
    }

    public Task UnsubscribeAsync(
        RedisChannel channel, Action<RedisChannel, RedisValue>? handler = null, CommandFlags flags = CommandFlags.None) =>
        multiplexer.Receiver.RemoveAsync(multiplexer.Subscriptions, Named(channel), handler, flags);

    public Task UnsubscribeAllAsync(CommandFlags flags = CommandFlags.None) => Task.WhenAll(
        multiplexer.Receiver.Channels.Select(channel => multiplexer.Receiver.RemoveAsync(multiplexer.Subscriptions, channel, null, flags)));

    private static RedisChannel Named(RedisChannel channel) =>
        channel.IsNullOrEmpty ? throw new ArgumentNullException(nameof(channel), "A channel needs a name.") : channel;
}
