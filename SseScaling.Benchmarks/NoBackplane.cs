using SseScaling.Backplane;
using SseScaling.Protocol;

namespace SseScaling.Benchmarks;

/// <summary>For what is measured without one.</summary>
internal sealed class NoBackplane : IBackplane
{
    public string Name => "none";

    public bool IsAvailable => true;

    public event Action? Restored
    {
        add { }
        remove { }
    }

    public Task SubscribeAsync(string topic, ITopicReceiver receiver, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task UnsubscribeAsync(string topic) => Task.CompletedTask;

    public Task<IReadOnlyList<PublishedEvent>> PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PublishedEvent>>(new PublishedEvent[events.Count]);

    public Task<HistoryPage> ReadHistoryAsync(string topic, long afterOffset, int maxCount, CancellationToken cancellationToken) =>
        Task.FromResult(new HistoryPage(EventPosition.None, 1, []));

    public Task<IReadOnlyList<EventPosition>> ReadHeadsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<EventPosition>>(new EventPosition[topics.Count]);
}
