using System.Threading.Channels;
using SseScaling.Backplane;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>
/// One receiver on one topic, over the connections that come and go. It owns the only client queue of its channel: a failed SUBSCRIBE
/// stays registered in the client library and would deliver twice after a naive retry.
/// </summary>
internal sealed class TopicSubscription(string topic, ITopicReceiver receiver) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _delivery = new();
    private ChannelMessageQueue? _queue;
    private IConnectionMultiplexer? _multiplexer;
    private int _interruptions;

    /// <summary>Cancelled when the topic is unsubscribed or subscribed anew.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Whether it was made since the last interruption of the link.</summary>
    public bool IsFresh(RedisLink link) => Volatile.Read(ref _interruptions) == link.Interruptions;

    /// <summary>Ends deliveries before it returns, and makes a pending open give up. Thread-safe.</summary>
    public void End()
    {
        lock (_delivery)
            _queue = null;
        _ended.Cancel();
    }

    /// <summary>
    /// Subscribes on the link's current connection, anew if it was subscribed before; the topic's gate is held. Deliveries of an earlier
    /// connection end before the first one of this.
    /// </summary>
    /// <exception cref="SseUnavailableException">Redis is away, or the link was interrupted meanwhile, so that nothing is certain.</exception>
    public async Task OpenAsync(RedisLink link, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var (interruptions, multiplexer) = (link.Interruptions, link.Multiplexer);
        var subscriber = multiplexer.GetSubscriber();
        // What the library believes to be subscribed is not subscribed again by asking for it.
        if (ReferenceEquals(multiplexer, _multiplexer))
            await ForgetAsync(subscriber, timeout);
        try
        {
            var queue = await subscriber.SubscribeAsync(RedisKeys.Channel(topic)).WaitAsync(timeout, cancellationToken);
            lock (_delivery)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _ended.Token.ThrowIfCancellationRequested();
                (_queue, _multiplexer) = (queue, multiplexer);
            }
            InlineContext.Start(() => _ = ReadAsync(queue));
        }
        catch (Exception exception)
        {
            await ForgetAsync(subscriber, timeout);
            if (RedisFaults.IsOutage(exception, cancellationToken))
                throw link.Unavailable(exception);
            throw;
        }
        Volatile.Write(ref _interruptions, interruptions);
        if (!IsFresh(link))
            throw new SseUnavailableException("The link was interrupted while the topic was being subscribed.");
    }

    /// <summary>Unsubscribes; the topic's gate is held. An unreachable Redis has nothing to unsubscribe.</summary>
    public async Task CloseAsync(TimeSpan timeout)
    {
        End();
        if (_multiplexer is { } multiplexer)
            await ForgetAsync(multiplexer.GetSubscriber(), timeout);
    }

    public void Dispose() => _ended.Dispose();

    private async Task ReadAsync(ChannelMessageQueue queue)
    {
        try
        {
            while (true)
                Deliver(queue, (await queue.ReadAsync()).Message);
        }
        catch (ChannelClosedException)
        {
            // Unsubscribed, or the connection was replaced.
        }
    }

    // The lock is free but for the moment when connections change; without it two of them could deliver at once.
    private void Deliver(ChannelMessageQueue from, RedisValue message)
    {
        lock (_delivery)
        {
            if (ReferenceEquals(from, _queue))
                receiver.Receive((ReadOnlyMemory<byte>)message);
        }
    }

    private async Task ForgetAsync(ISubscriber subscriber, TimeSpan timeout)
    {
        try
        {
            await subscriber.UnsubscribeAsync(RedisKeys.Channel(topic)).WaitAsync(timeout);
        }
        catch (Exception exception) when (RedisFaults.IsOutage(exception, CancellationToken.None))
        {
            // The library forgets a channel before it writes to the server, so that no reconnect brings it back.
        }
    }
}
