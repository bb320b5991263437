using System.Text;

namespace SseScaling.Protocol;

/// <summary>What a topic may be called.</summary>
internal static class TopicName
{
    /// <summary>The most topics of one stream: its id names a position for each.</summary>
    public const int MaxPerStream = 100;

    /// <summary>The longest name, in bytes of UTF-8.</summary>
    public const int MaxBytes = 256;

    /// <summary>A sentence that says what is wrong with a name; null when it is good.</summary>
    public static string? Problem(string? topic)
    {
        if (string.IsNullOrEmpty(topic))
            return "A topic is empty: name it, e.g. notifications:42.";
        if (ReservedTopics.Contains(topic))
            return $"Topics that begin with {ReservedTopics.Prefix} are the system's own: choose another name.";
        if (Encoding.UTF8.GetByteCount(topic) > MaxBytes)
            return $"A topic has at most {MaxBytes} bytes of UTF-8: choose a shorter name.";
        foreach (var c in topic)
        {
            if (char.IsControl(c) || (char.IsSurrogate(c) && !IsWellFormed(topic)))
                return "A topic contains control characters or broken text: leave them out.";
        }

        return null;
    }

    private static bool IsWellFormed(string text) => !text.EnumerateRunes().Contains(Rune.ReplacementChar);
}
