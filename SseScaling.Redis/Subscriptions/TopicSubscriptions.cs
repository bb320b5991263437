using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SseScaling.Backplane;
using SseScaling.Telemetry;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>
/// The topics that this process listens to: one Redis subscription each, kept alive until it is unsubscribed, whatever happens to the link.
/// </summary>
/// <remarks>
/// A call writes down at once what the topic shall be (<see cref="TopicSubscription"/>) and waits until it is, or until a newer call wants something else.
/// One worker for each topic that is not as it shall be brings it there; topics do not wait for each other. Thread-safe.
/// </remarks>
internal sealed class TopicSubscriptions(
    RedisLink link, RedisConnector connector, RedisPipelines pipelines, IOptions<SseRedisOptions> options, PublishingMetrics telemetry) : IDisposable
{
    // A SUBSCRIBE is answered in well under a millisecond: 10,000 topics in this many lanes are back in a fraction of a second.
    private const int RenewalLanes = 128;

    private readonly ConcurrentDictionary<string, TopicSubscription> _topics = new(StringComparer.Ordinal);
    private readonly SseRedisOptions _options = options.Value;

    /// <summary>Subscribes a topic; completes when every later message reaches the receiver. Tries until it succeeds.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the topic was unsubscribed or subscribed anew meanwhile.</exception>
    public async Task SubscribeAsync(string topic, ITopicReceiver receiver, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wish = new TopicWish(receiver);
        var subscription = Wish(topic, wish);
        await using var registration = cancellationToken.UnsafeRegister(_ => subscription.Withdraw(wish), null);
        await wish.Fulfilled;
    }

    /// <summary>Ends a topic's subscription: nothing is delivered after the call's first step. Never throws for an absent one or an unreachable Redis.</summary>
    public async Task UnsubscribeAsync(string topic)
    {
        if (!_topics.ContainsKey(topic))
            return;
        var wish = new TopicWish(receiver: null);
        Wish(topic, wish);
        await wish.Fulfilled.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Cancelled: a newer call wants something else.
    }

    /// <summary>
    /// After an interruption: has every subscription made anew, and waits for it as long as one call may take; what is not done by then goes on.
    /// False when some topic is not subscribed yet.
    /// </summary>
    public async Task<bool> RenewAsync(CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(_options.Timeout);
        try
        {
            var lanes = new ParallelOptions { MaxDegreeOfParallelism = RenewalLanes, CancellationToken = patience.Token };
            await Parallel.ForEachAsync(Stale(), lanes, async (topic, token) =>
            {
                if (topic.TryRenew())
                    Begin(topic);
                await topic.Work.WaitAsync(token);
            });
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The watchdog looks whether Redis still answers, and comes again.
        }

        return !Stale().Any();
    }

    /// <summary>Wants nothing any more: workers end, and a connection of the application's forgets the topics.</summary>
    public void Dispose()
    {
        foreach (var topic in _topics.Keys)
            _ = UnsubscribeAsync(topic);
    }

    private IEnumerable<TopicSubscription> Stale() => _topics.Values.Where(topic => topic.IsStale(link.Interruptions));

    private TopicSubscription Wish(string topic, TopicWish wish)
    {
        while (true)
        {
            var subscription = _topics.GetOrAdd(topic, static name => new TopicSubscription(name));
            if (!subscription.TryWish(wish, out var begin))
            {
                _topics.TryRemove(KeyValuePair.Create(topic, subscription));
                continue;
            }

            if (begin)
                Begin(subscription);
            return subscription;
        }
    }

    private void Begin(TopicSubscription topic) => topic.Work = WorkAsync(topic);

    /// <summary>Brings a topic to what is wanted of it: the only one at work on it.</summary>
    private async Task WorkAsync(TopicSubscription topic)
    {
        bool isGone;
        while (topic.Next(link.Interruptions, out isGone) is { } wish)
        {
            try
            {
                if (wish.Receiver is null && CanUnmake(topic))
                {
                    await UnmakeAsync(topic);
                    continue;
                }

                // Nothing is delivered any more; nobody waits for a Redis that is away to know it, too.
                if (wish.Receiver is null)
                    wish.Fulfil();
                await pipelines.Subscribe.ExecuteAsync((self, token) => self.This.MakeAsync(self.Topic, token), (This: this, Topic: topic), wish.Superseded);
            }
            catch (Exception exception) when (!wish.Superseded.IsCancellationRequested && (wish.Fulfilled.IsCompleted || RedisFaults.IsOutage(exception, default)))
            {
                // A pipeline of the application's gave up. The topic's clients wait for nothing else.
                await Task.Delay(_options.SubscribeRetryMax, wish.Superseded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception)
            {
                // Superseded, or asked for something that cannot be.
                topic.Withdraw(wish, exception);
            }
        }

        if (isGone)
            _topics.TryRemove(KeyValuePair.Create(topic.Topic, topic));
    }

    /// <summary>One attempt to subscribe a topic on the link's current connection, anew if it was subscribed before.</summary>
    private async ValueTask MakeAsync(TopicSubscription topic, CancellationToken cancellationToken)
    {
        // Ten thousand topics that all try while the link is down would cost a core in exceptions.
        await link.WhenReachableAsync(cancellationToken);
        var interruptions = link.Interruptions;
        try
        {
            await ForgetAsync(topic);
            topic.Connection = link.Multiplexer;
            // Not cancelled: the client library does not unsubscribe what was not confirmed, and it would stay subscribed in Redis.
            var queue = await topic.Connection.GetSubscriber().SubscribeAsync(RedisKeys.Channel(topic.Topic)).WaitAsync(_options.Timeout, CancellationToken.None);
            if (topic.MadeUnder == 0)
                telemetry.Subscribed();
            topic.Make(queue, interruptions, FailReading);
        }
        catch (Exception exception) when (RedisFaults.IsOutage(exception, CancellationToken.None))
        {
            throw link.Unavailable(exception);
        }
    }

    /// <summary>
    /// Whether Redis can be told to end a subscription: for the reason above, not while one may be on its way, by an attempt that got no answer or by the client library
    /// after a reconnect. It is subscribed for certain first.
    /// </summary>
    private bool CanUnmake(TopicSubscription topic) => topic.MadeUnder == link.Interruptions || !ReferenceEquals(topic.Connection, link.Connection);

    private async Task UnmakeAsync(TopicSubscription topic)
    {
        await ForgetAsync(topic);
        topic.Connection = null;
        if (topic.MadeUnder != 0)
            telemetry.Unsubscribed();
        topic.Make(queue: null, 0, FailReading);
    }

    /// <summary>A topic that nobody reads would be silent for good: all are made anew, as after an interruption.</summary>
    private void FailReading(Exception failure)
    {
        link.Unavailable(failure);
        link.Interrupt();
    }

    /// <summary>
    /// Has the client library forget a topic's channel: what it believes to be subscribed is not subscribed again by asking for it, and a SUBSCRIBE that failed stays
    /// registered and would deliver twice after a naive retry. A connection that was closed has forgotten all of them.
    /// </summary>
    private async Task ForgetAsync(TopicSubscription topic)
    {
        if (topic.Connection is not { } connection)
            return;
        topic.Drop();
        var isCurrent = ReferenceEquals(connection, link.Connection);
        if (!isCurrent && !connector.IsShared(connection))
            return;
        try
        {
            // An application's connection that was replaced may hang: it is told, and not waited for.
            await connection.GetSubscriber().UnsubscribeAsync(RedisKeys.Channel(topic.Topic), flags: isCurrent ? CommandFlags.None : CommandFlags.FireAndForget)
                .WaitAsync(_options.Timeout);
        }
        catch (Exception exception) when (RedisFaults.IsOutage(exception, CancellationToken.None))
        {
            // The library forgets a channel before it writes to the server, so that no reconnect brings it back.
        }
    }
}
