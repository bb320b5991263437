namespace StackExchange.Redis;

/// <summary>
/// Publishing and subscribing. Messages arrive on a connection of their own; messages published while it is down are lost.
/// Subscriptions outlive the connection: after a reconnect all channels are subscribed again, and only then
/// <see cref="IConnectionMultiplexer.ConnectionRestored"/> is raised. Safe for all threads.
/// </summary>
public interface ISubscriber : IRedis
{
    /// <summary>Whether messages can arrive now and, for a channel, whether it is subscribed.</summary>
    bool IsConnected(RedisChannel channel = default);

    /// <summary>PUBLISH: returns how many clients of this server received the message.</summary>
    Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None);

    /// <summary>Subscribes a channel and hands its messages to a handler, which must not block: it runs on the connection's reader.</summary>
    /// <exception cref="RedisConnectionException">
    /// There is no connection. The handler stays registered and is served once there is one.
    /// </exception>
    Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler, CommandFlags flags = CommandFlags.None);

    /// <summary>Subscribes a channel and returns its messages in order.</summary>
    /// <exception cref="RedisConnectionException">
    /// There is no connection. The queue stays registered, unreachable as it is, until the channel is unsubscribed.
    /// </exception>
    Task<ChannelMessageQueue> SubscribeAsync(RedisChannel channel, CommandFlags flags = CommandFlags.None);

    /// <summary>Removes a handler, or for null all handlers and queues of the channel. The last one's removal unsubscribes it.</summary>
    Task UnsubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue>? handler = null, CommandFlags flags = CommandFlags.None);

    /// <summary>Removes all handlers and queues of all channels.</summary>
    Task UnsubscribeAllAsync(CommandFlags flags = CommandFlags.None);
}
