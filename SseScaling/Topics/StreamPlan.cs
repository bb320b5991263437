using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>What one stream delivers.</summary>
/// <param name="Topics">1 to <see cref="TopicName.MaxPerStream"/> different topics.</param>
/// <param name="Window">What arrives within it becomes one event; zero: every event on its own.</param>
internal sealed record StreamPlan(IReadOnlyList<TopicStart> Topics, TimeSpan Window)
{
    /// <summary>Only events pass whose SSE event name, or whose data's <c>type</c>, is one of these; null: all.</summary>
    public IReadOnlySet<string>? Types { get; init; }

    /// <summary>Which of those events pass; null: all.</summary>
    public SseFilter? Filter { get; init; }

    /// <summary>Whether the client says where it stands in a way that nobody here knows: each topic begins live, with a gap.</summary>
    public bool HasLostPosition { get; init; }

    /// <summary>Whether the stream delivers all events of its topics.</summary>
    public bool TakesAll => Types is null && Filter is null;

    /// <summary>The plan of some topics.</summary>
    /// <param name="topics">1 to <see cref="TopicName.MaxPerStream"/> different topics.</param>
    /// <param name="resume">Where the client stands; null: all topics start live.</param>
    /// <param name="window">What arrives within it becomes one event; zero: every event on its own.</param>
    public static StreamPlan Of(IReadOnlyList<string> topics, LastEventId? resume = null, TimeSpan window = default) =>
        new([.. topics.Select(name => new TopicStart(name, resume?.For(name)))], window);

    /// <summary>The plan with further topics, which start live, up to <see cref="TopicName.MaxPerStream"/>.</summary>
    public StreamPlan And(IReadOnlyList<string> topics) => topics.Count == 0 ? this : this with
    {
        Topics = [.. Topics.Concat(topics.Select(name => new TopicStart(name, null))).DistinctBy(start => start.Name, StringComparer.Ordinal).Take(TopicName.MaxPerStream)],
    };

    /// <summary>The plan without some topics, of which there may then be none.</summary>
    public StreamPlan Without(IReadOnlyCollection<string> topics) =>
        topics.Count == 0 ? this : this with { Topics = [.. Topics.Where(start => !topics.Contains(start.Name))] };

    /// <summary>Whether an event of a batch passes.</summary>
    public bool Wants(EncodedBatch batch, int index)
    {
        if (Types is not null && !IsOfType(batch.NameOf(index)) && !IsOfType(batch.PropertyOf(index, "type")))
            return false;
        return Filter?.Wants(new SseEventView(batch, index)) != false;
    }

    /// <summary>Whether a stream that follows the other plan already does what this one says.</summary>
    public bool IsSameAs(StreamPlan other) => Window == other.Window
        && Topics.Select(t => t.Name).SequenceEqual(other.Topics.Select(t => t.Name))
        && (Types is null ? other.Types is null : other.Types is { } types && Types.SetEquals(types))
        && Equals(Filter, other.Filter);

    private bool IsOfType(string? type) => type is not null && Types!.Contains(type);
}

/// <summary>A topic of a stream.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Resume">Where the client stands in it; null: it starts live.</param>
internal readonly record struct TopicStart(string Name, EventPosition? Resume);
