using SseScaling.Backplane;
using SseScaling.Protocol;

namespace SseScaling.Redis;

/// <summary>The backplane of several replicas: link, subscriptions, publisher and history behind the contract.</summary>
internal sealed class RedisBackplane(RedisLink link, TopicSubscriptions subscriptions, EventPublisher publisher, EventHistory history) : IBackplane
{
    public string Name => "redis";

    public bool IsAvailable => link.IsUp;

    public event Action? Restored
    {
        add => link.Restored += value;
        remove => link.Restored -= value;
    }

    public Task SubscribeAsync(string topic, ITopicReceiver receiver, CancellationToken cancellationToken) =>
        subscriptions.SubscribeAsync(topic, receiver, cancellationToken);

    public Task UnsubscribeAsync(string topic) => subscriptions.UnsubscribeAsync(topic);

    public Task<IReadOnlyList<PublishedEvent>> PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken) =>
        publisher.PublishAsync(events, cancellationToken);

    public Task<HistoryPage> ReadHistoryAsync(string topic, long afterOffset, int maxCount, CancellationToken cancellationToken) =>
        history.ReadHistoryAsync(topic, afterOffset, maxCount, cancellationToken);

    public Task<IReadOnlyList<EventPosition>> ReadHeadsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) =>
        history.ReadHeadsAsync(topics, cancellationToken);
}
