namespace SseScaling.Authorization;

/// <summary>Names of topics in claims and options: a name, or the beginning of one and an asterisk.</summary>
internal static class TopicPattern
{
    /// <summary>Whether a pattern means a topic. Only an asterisk at the end is one; anything before it is compared byte for byte.</summary>
    public static bool Means(string pattern, string topic) =>
        pattern.EndsWith('*') ? topic.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : topic.Equals(pattern, StringComparison.Ordinal);
}
