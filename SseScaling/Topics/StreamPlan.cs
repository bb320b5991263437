using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>What one stream delivers.</summary>
/// <param name="Topics">1 to 100 different topics.</param>
/// <param name="Filter">Which of their events; null: all.</param>
/// <param name="Window">What arrives within it becomes one event; zero: every event on its own.</param>
internal sealed record StreamPlan(IReadOnlyList<TopicStart> Topics, StreamFilter? Filter, TimeSpan Window)
{
    /// <summary>The plan of some topics.</summary>
    /// <param name="topics">1 to 100 different topics.</param>
    /// <param name="resume">Where the client stands; null: all topics start live.</param>
    /// <param name="filter">Which of their events; null: all.</param>
    /// <param name="window">What arrives within it becomes one event; zero: every event on its own.</param>
    public static StreamPlan Of(IReadOnlyList<string> topics, LastEventId? resume = null, StreamFilter? filter = null, TimeSpan window = default) =>
        new([.. topics.Select(name => new TopicStart(name, resume?.For(name)))], filter, window);

    /// <summary>Whether a stream that follows the other plan already does what this one says.</summary>
    public bool IsSameAs(StreamPlan other) => Window == other.Window
        && Topics.Select(t => t.Name).SequenceEqual(other.Topics.Select(t => t.Name))
        && (Filter is null ? other.Filter is null : other.Filter is { } filter && Filter.IsSameAs(filter));
}

/// <summary>A topic of a stream.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Resume">Where the client stands in it; null: it starts live.</param>
internal readonly record struct TopicStart(string Name, EventPosition? Resume);

/// <summary>Which events a stream delivers. Immutable; null stands for no restriction.</summary>
/// <param name="Types">The types that the connection asked for.</param>
/// <param name="Interests">The types that its user wants.</param>
/// <param name="Muted">Authors of whom its user wants nothing.</param>
internal sealed record StreamFilter(IReadOnlySet<string>? Types, IReadOnlySet<string>? Interests, IReadOnlySet<string>? Muted)
{
    /// <summary>The filter of these restrictions; null when there are none.</summary>
    public static StreamFilter? Of(IReadOnlySet<string>? types, IReadOnlySet<string>? interests = null, IReadOnlySet<string>? muted = null) =>
        types is null && interests is null && muted is not { Count: > 0 } ? null : new StreamFilter(types, interests, muted is { Count: > 0 } ? muted : null);

    public bool Wants(EncodedBatch batch, int index)
    {
        if (Types is not null || Interests is not null)
        {
            if (batch.TypeOf(index) is not { } type || Types?.Contains(type) == false || Interests?.Contains(type) == false)
                return false;
        }

        return Muted is null || batch.AuthorOf(index) is not { } author || !Muted.Contains(author);
    }

    public bool IsSameAs(StreamFilter other) => Same(Types, other.Types) && Same(Interests, other.Interests) && Same(Muted, other.Muted);

    private static bool Same(IReadOnlySet<string>? one, IReadOnlySet<string>? other) =>
        one is null ? other is null : other is not null && one.SetEquals(other);
}
