using SseScaling.Protocol;

namespace SseScaling;

/// <summary>An event before it is published: validated by whoever accepts it from outside.</summary>
/// <param name="Topic">The topic, which is also the Redis channel; 1 to 256 bytes of UTF-8 without control characters.</param>
/// <param name="Data">The JSON text; delivered byte for byte.</param>
public sealed record SseEvent(string Topic, ReadOnlyMemory<byte> Data)
{
    /// <summary>The SSE event name; null for none, so that <c>onmessage</c> gets it. No control characters.</summary>
    public string? Type { get; init; }

    /// <summary>Idempotency key: a second event with the same key on the same topic within five minutes is not published again.</summary>
    public string? Key { get; init; }

    /// <summary>
    /// In a stream with a batch window, of the waiting events with the same key only the latest is delivered; null for none. No control characters.
    /// </summary>
    public string? Collapse { get; init; }

    /// <summary>Whether the event is kept in the topic's stream and gets an id. Default true.</summary>
    public bool Durable { get; init; } = true;
}

/// <summary>What became of a published event.</summary>
/// <param name="Position">Its place in the topic's stream; <see cref="EventPosition.None"/> when it is not durable.</param>
/// <param name="Repeated">True when its idempotency key was seen before: nothing was published, the position is the first one's.</param>
public readonly record struct PublishedEvent(EventPosition Position, bool Repeated);
