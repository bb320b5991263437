namespace StackExchange.Redis;

/// <summary>A message that arrived on a channel.</summary>
public readonly struct ChannelMessage : IEquatable<ChannelMessage>
{
    private readonly ChannelMessageQueue _queue;

    internal ChannelMessage(ChannelMessageQueue queue, RedisChannel channel, RedisValue value)
    {
        _queue = queue;
        Channel = channel;
        Message = value;
    }

    /// <summary>The subscription: a pattern, if one was subscribed.</summary>
    public RedisChannel SubscriptionChannel => _queue.Channel;

    /// <summary>The channel to which the message was published.</summary>
    public RedisChannel Channel { get; }

    /// <summary>The payload. It holds an array of its own, so it may be kept.</summary>
    public RedisValue Message { get; }

    /// <summary>Whether channel and payload are equal.</summary>
    public static bool operator ==(ChannelMessage left, ChannelMessage right) => left.Equals(right);

    /// <summary>Whether channel or payload differ.</summary>
    public static bool operator !=(ChannelMessage left, ChannelMessage right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(ChannelMessage other) => Channel == other.Channel && Message == other.Message;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ChannelMessage other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Channel, Message);

    /// <inheritdoc/>
    public override string ToString() => $"{Channel}:{Message}";
}
