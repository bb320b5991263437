namespace SseScaling.Tests.Faults;

/// <summary>One step of what a client got of a topic: an event, or the news that some are missing.</summary>
/// <param name="From">The event's number, or the first missing one.</param>
/// <param name="To">The event's number, or the last missing one.</param>
/// <param name="IsGap">Which of the two it is.</param>
internal readonly record struct Step(long From, long To, bool IsGap);

/// <summary>What a client got of one topic over all its connections, in order. One thread writes; others may look meanwhile.</summary>
internal sealed class TopicLog
{
    private readonly List<Step> _steps = [];
    private long _reached;

    /// <summary>The number up to which the client has, or was told of, something.</summary>
    public long Reached => Volatile.Read(ref _reached);

    public void Event(long number) => Add(new Step(number, number, IsGap: false));

    public void Gap(long from, long to) => Add(new Step(from, to, IsGap: true));

    public Step[] Steps()
    {
        lock (_steps)
            return [.. _steps];
    }

    private void Add(Step step)
    {
        lock (_steps)
            _steps.Add(step);
        Volatile.Write(ref _reached, Math.Max(_reached, step.To));
    }
}
