namespace SseScaling;

/// <summary>An event to be published.</summary>
/// <param name="Topic">Its topic: 1 to 256 bytes of UTF-8 without control characters. With Redis it is also the channel.</param>
/// <param name="Data">What clients get, byte for byte: UTF-8, in general JSON. At most 64 KiB through <c>MapSsePublish</c>; keep it below half of <see cref="SseOptions.MaxQueuedBytes"/>.</param>
public sealed record SseEvent(string Topic, ReadOnlyMemory<byte> Data)
{
    /// <summary>The SSE event name, by which <c>addEventListener</c> and <c>Types</c> select; null for none, so that <c>onmessage</c> gets it. At most 256 bytes, no control characters.</summary>
    public string? Type { get; init; }

    /// <summary>
    /// Idempotency key: a second event with the same key on the same topic within <see cref="SseHistoryOptions.KeyLifetime"/> is not published again. 1 to 256 bytes, no
    /// control characters.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>
    /// In a stream with a batch window, of the waiting events with the same key only the latest is delivered; null for none. 1 to 256 bytes, no control characters.
    /// </summary>
    public string? Collapse { get; init; }

    /// <summary>Whether the event is kept in the topic's history and gets an id. Default true.</summary>
    public bool Durable { get; init; } = true;
}
