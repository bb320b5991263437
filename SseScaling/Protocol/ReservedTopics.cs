namespace SseScaling.Protocol;

/// <summary>The topics on which replicas tell each other things. Nobody outside publishes or subscribes them.</summary>
internal static class ReservedTopics
{
    /// <summary>What they begin with.</summary>
    public const string Prefix = "sse:";

    /// <summary>Whether a name is one of them.</summary>
    public static bool Contains(string topic) => topic.StartsWith(Prefix, StringComparison.Ordinal);
}
