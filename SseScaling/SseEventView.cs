using SseScaling.Protocol;

namespace SseScaling;

/// <summary>An event as a <see cref="SseFilter"/> sees it. What is read of it is read once, however many streams ask. Any thread.</summary>
public readonly struct SseEventView
{
    private readonly EncodedBatch? _batch;
    private readonly int _index;

    internal SseEventView(EncodedBatch batch, int index)
    {
        _batch = batch;
        _index = index;
    }

    /// <summary>The SSE event name (<see cref="SseEvent.Type"/>); null when the publisher named none.</summary>
    public string? Type => _batch?.NameOf(_index);

    /// <summary>The published data: JSON, unless a plain PUBLISH brought something else.</summary>
    public ReadOnlySpan<byte> Data => _batch is null ? default : _batch.Events[_index].Data.Span;

    /// <summary>A top-level property of the data that is a string or a number; null when there is none, or when the data is no JSON object.</summary>
    /// <param name="name">The property's name, in its exact case.</param>
    public string? Property(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _batch?.PropertyOf(_index, name);
    }
}
