namespace SseScaling.Publisher.Publishing;

/// <summary>Where the events go.</summary>
public interface IEventSink
{
    /// <summary>
    /// Publishes in order and completes when all are published. The events' data may be overwritten as soon as the call has completed,
    /// in whatever way.
    /// </summary>
    /// <exception cref="SseUnavailableException">
    /// Redis is away; some of the events may be published. Repeating the call publishes those again, unless they carry keys.
    /// </exception>
    Task PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken);
}
