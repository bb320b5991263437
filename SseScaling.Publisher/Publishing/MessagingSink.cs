using SseScaling.Redis;

namespace SseScaling.Publisher.Publishing;

/// <summary>Publishes through the messaging that the API uses as well.</summary>
internal sealed class MessagingSink(EventPublisher publisher) : IEventSink
{
    /// <inheritdoc/>
    public Task PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken) =>
        publisher.PublishAsync(events, cancellationToken);
}
