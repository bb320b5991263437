namespace SseScaling;

/// <summary>What code in this process listens to; see <see cref="ISseSubscriber"/>.</summary>
/// <param name="Topics">1 to 100 different topics.</param>
public sealed record SseSubscription(params IReadOnlyList<string> Topics)
{
    /// <summary>The id of the last event that was seen; null: from now on.</summary>
    public string? LastEventId { get; init; }

    /// <summary>Only these types, as <see cref="SseStream.Types"/> has it; null: all.</summary>
    public IReadOnlySet<string>? Types { get; init; }

    /// <summary>Only what this wants; null: all.</summary>
    public SseFilter? Filter { get; init; }
}
