namespace SseScaling;

/// <summary>What became of a published event.</summary>
/// <param name="Id">Its id, as clients see it; null when it is not durable.</param>
/// <param name="IsRepeated">Whether its idempotency key was seen before: nothing was published, the id is the first one's.</param>
public readonly record struct SsePublished(string? Id, bool IsRepeated);
