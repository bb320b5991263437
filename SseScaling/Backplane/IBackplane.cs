using SseScaling.Protocol;

namespace SseScaling.Backplane;

/// <summary>
/// Carries events between publishers and the replicas that hold the subscribers, and keeps the durable ones for a while.
/// One contract, two implementations: Redis for several replicas, memory for one process. Both pass the same tests.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Order: the messages of one topic reach its receiver in publish order; between topics there is no order.</item>
/// <item>Loss: live messages are at most once. The stream is the truth: whoever holds the position of the last event it saw finds the
/// missing ones with <see cref="ReadHistoryAsync"/>, and should look after each <see cref="Restored"/>.</item>
/// <item>Threads: every member may be called from any thread at any time.</item>
/// </list>
/// </remarks>
internal interface IBackplane
{
    /// <summary><c>redis</c> or <c>memory</c>, as it stands in logs and in /api/stats.</summary>
    string Name { get; }

    /// <summary>Whether publishing and reading are expected to work now.</summary>
    bool IsAvailable { get; }

    /// <summary>Raised after an interruption, once the subscriptions are live again: live messages may be missing since before it.</summary>
    event Action? Restored;

    /// <summary>
    /// Subscribes a topic; completes when every later message reaches the receiver. While the backplane is away it keeps trying until it
    /// succeeds, the token is cancelled, or the topic is unsubscribed. A topic has at most one receiver at a time.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the topic was unsubscribed meanwhile.</exception>
    Task SubscribeAsync(string topic, ITopicReceiver receiver, CancellationToken cancellationToken);

    /// <summary>Ends a topic's subscription. Never throws for an absent one or an unreachable backplane.</summary>
    Task UnsubscribeAsync(string topic);

    /// <summary>Publishes in order, each event by one atomic step; the results stand in the same order.</summary>
    /// <exception cref="SseUnavailableException">
    /// The backplane is away. An event may still have been published: repeating is only free of duplicates with idempotency keys.
    /// </exception>
    Task<IReadOnlyList<PublishedEvent>> PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken);

    /// <summary>Reads the durable events behind an offset, at most <paramref name="maxCount"/> (1 to 1,000) or about 256 KiB, at least one if there is one.</summary>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    Task<HistoryPage> ReadHistoryAsync(string topic, long afterOffset, int maxCount, CancellationToken cancellationToken);

    /// <summary>Reads the current head of many topics in few round trips, in the order asked; <see cref="EventPosition.None"/> for a topic without a stream.</summary>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    Task<IReadOnlyList<EventPosition>> ReadHeadsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken);
}
