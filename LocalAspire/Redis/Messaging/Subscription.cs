namespace StackExchange.Redis;

/// <summary>A subscribed channel and who listens to it: actions and queues, in an array that is replaced when it changes.</summary>
internal sealed class Subscription(RedisChannel channel)
{
    private volatile object[] _sinks = [];

    internal RedisChannel Channel => channel;

    internal bool IsEmpty => _sinks.Length == 0;

    // Add and Remove run under the table's lock.
    internal void Add(object sink) => _sinks = [.. _sinks, sink];

    internal void Remove(object? sink)
    {
        foreach (var removed in _sinks.Where(known => sink is null || known.Equals(sink)))
            (removed as ChannelMessageQueue)?.Complete();

        _sinks = sink is null ? [] : [.. _sinks.Where(known => !known.Equals(sink))];
    }

    internal void Deliver(RedisChannel source, RedisValue message, ConnectionMultiplexer owner)
    {
        foreach (var sink in _sinks)
        {
            if (sink is ChannelMessageQueue queue)
                queue.Receive(new ChannelMessage(queue, source, message));
            else
                Invoke((Action<RedisChannel, RedisValue>)sink, source, message, owner);
        }
    }

    private static void Invoke(
        Action<RedisChannel, RedisValue> handler, RedisChannel source, RedisValue message, ConnectionMultiplexer owner)
    {
        try
        {
            handler(source, message);
        }
        catch (Exception e)
        {
            // A handler's error is its own; the messages behind it go on.
            owner.OnInternalError(e, ConnectionType.Subscription, "message handler");
        }
    }
}
