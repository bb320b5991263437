using SseScaling.Protocol;
using Xunit;

namespace SseScaling.Tests.Model;

/// <summary>What a topic's stream must be: every event by its position, and what is still kept.</summary>
internal sealed class ModelTopic(string name, int historyLength)
{
    private readonly Dictionary<EventPosition, string> _data = [];

    public string Name => name;

    public EventPosition Head { get; private set; }

    private long First { get; set; } = 1;

    public void Published(EventPosition position, string data)
    {
        Assert.True(Head.IsNone ? position.Offset == 1 : position == Head.Next, $"{name}: {position} was given out behind {Head}.");
        Head = position;
        First = Math.Max(First, Head.Offset - historyLength + 1);
        _data.Add(position, data);
    }

    /// <summary>Only so many are left.</summary>
    public void Trim(int kept) => First = Math.Max(First, Head.Offset - kept + 1);

    public void Flush() => (Head, First) = (EventPosition.None, 1);

    public string DataAt(EventPosition position) =>
        _data.TryGetValue(position, out var data) ? data : throw new InvalidOperationException($"{name}: nothing was published at {position}.");

    /// <summary>Whether history has none of the events between two positions any more.</summary>
    public bool IsGone(EventPosition from, EventPosition to) => from.Epoch != Head.Epoch || to.Offset < First;
}
