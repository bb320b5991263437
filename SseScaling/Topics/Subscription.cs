using SseScaling.Connections;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>One connection's interest in one topic.</summary>
/// <param name="set">All subscriptions of the connection.</param>
/// <param name="topic">The topic.</param>
/// <param name="slot">Its number within the set.</param>
/// <param name="resume">Where the client stands; null: it starts live.</param>
internal sealed class Subscription(SubscriptionSet set, Topic topic, int slot, EventPosition? resume)
{
    public SubscriptionSet Set => set;

    public Topic Topic => topic;

    public int Slot => slot;

    public Connection Connection => set.Connection;

    /// <summary>Whether nothing more shall be delivered: the connection ends, or goes on with other subscriptions.</summary>
    public bool IsOver => set.IsOver;

    /// <summary>Where the client asked to go on, or where its stream begins that was opened before its topic was live.</summary>
    public EventPosition? Resume { get; set; } = resume;

    /// <summary>Index in the topic's list of live subscribers, -1 while it is not in there. Guarded by the topic's lock.</summary>
    public int Index { get; set; } = -1;
}
