using SseScaling.Protocol;

namespace SseScaling;

/// <summary>What a stream delivers beside the topics that its endpoint named; see <see cref="SseStream.Follow"/>. Not thread-safe.</summary>
public sealed class SsePlan
{
    private readonly List<(string Name, EventPosition? Since)> _topics = [];

    internal SsePlan(bool isOpen) => IsOpen = isOpen;

    /// <summary>Whether the stream is open already and follows a new plan.</summary>
    public bool IsOpen { get; }

    internal IReadOnlyList<(string Name, EventPosition? Since)> Topics => _topics;

    internal SseFilter? Filter { get; private set; }

    /// <summary>Delivers a topic. With the stream's own topics at most 100; those beyond are left out.</summary>
    /// <param name="name">1 to 256 bytes of UTF-8 without control characters.</param>
    /// <param name="since">
    /// The id of an event of that topic (<c>ISseSubscriber.GetLastIdsAsync</c>) behind which it counts for a stream that is open already, or that comes back and
    /// did not have the topic before. Null: from now on.
    /// </param>
    /// <exception cref="ArgumentException">The name or the id is none.</exception>
    public SsePlan Topic(string name, string? since = null)
    {
        if (TopicName.Problem(name) is { } problem)
            throw new ArgumentException(problem, nameof(name));
        EventPosition? position = null;
        if (since is not null)
            position = EventPosition.TryParse(since, out var known) ? known : throw new ArgumentException("This is the id of no event.", nameof(since));
        _topics.Add((name, position));
        return this;
    }

    /// <summary>Delivers only events that a filter wants. Filters that are equal (<see cref="object.Equals(object)"/>) count as unchanged.</summary>
    public SsePlan Where(SseFilter? filter)
    {
        Filter = filter;
        return this;
    }
}
