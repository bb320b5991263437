namespace SseScaling.Protocol;

/// <summary>A hole in what a subscriber has seen of a topic, which history can no longer fill.</summary>
/// <param name="From">The first missing event; null when unknown, as after the stream went back to older data.</param>
/// <param name="To">The last missing one; null when unknown, as after the loss of the whole stream.</param>
internal readonly record struct Gap(EventPosition? From, EventPosition? To);
