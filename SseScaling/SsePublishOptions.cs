namespace SseScaling;

/// <summary>How an event is published, beside its topic and data.</summary>
public sealed record SsePublishOptions
{
    /// <inheritdoc cref="SseEvent.Type"/>
    public string? Type { get; init; }

    /// <inheritdoc cref="SseEvent.Key"/>
    public string? Key { get; init; }

    /// <inheritdoc cref="SseEvent.Collapse"/>
    public string? Collapse { get; init; }

    /// <inheritdoc cref="SseEvent.Durable"/>
    public bool Durable { get; init; } = true;
}
