using System.Collections.Frozen;
using System.Text;

namespace SseScaling.Protocol;

/// <summary>What the fields of an event may hold beside its topic and data.</summary>
internal static class EventFields
{
    private const int MaxBytes = 256;

    // Those that streams send themselves, and those that an EventSource raises.
    private static readonly FrozenSet<string> Reserved = FrozenSet.Create(StringComparer.Ordinal, "gap", "position", "replaced", "reauthenticate", "revoked", "open", "error");

    /// <summary>A sentence that says what is wrong with an event; null when it is good.</summary>
    public static string? Problem(SseEvent candidate) =>
        TopicName.Problem(candidate.Topic)
        ?? (candidate.Type is { } type && !IsText(type) ? $"The field 'event' has at most {MaxBytes} bytes and no control characters." : null)
        ?? (candidate.Type is { } name && Reserved.Contains(name) ? $"The event name '{name}' is the stream's own: choose another one." : null)
        ?? KeyProblem(candidate.Key, "key")
        ?? KeyProblem(candidate.Collapse, "collapse");

    private static string? KeyProblem(string? key, string field) =>
        key is null || (key.Length > 0 && IsText(key)) ? null : $"The field '{field}' has 1 to {MaxBytes} bytes and no control characters.";

    private static bool IsText(string text) => Encoding.UTF8.GetByteCount(text) <= MaxBytes && !text.Any(char.IsControl);
}
