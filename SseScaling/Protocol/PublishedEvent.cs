
namespace SseScaling.Protocol;

/// <summary>What became of a published event.</summary>
/// <param name="Position">Its place in the topic's history; <see cref="EventPosition.None"/> when it is not durable.</param>
/// <param name="Repeated">True when its idempotency key was seen before: nothing was published, the position is the first one's.</param>
internal readonly record struct PublishedEvent(EventPosition Position, bool Repeated);
