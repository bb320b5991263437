namespace SseScaling;

/// <summary>Which open streams something is done to, in the whole cluster. Immutable.</summary>
public sealed record SseTarget
{
    private const char Mark = ':';

    private SseTarget(TargetKind kind, string value) => (Kind, Value) = (kind, value);

    /// <summary>Every open stream.</summary>
    public static SseTarget All { get; } = new(TargetKind.All, "");

    internal TargetKind Kind { get; }

    internal string Value { get; }

    /// <summary>The streams of a user.</summary>
    /// <param name="user">The user as the streams were opened for it; not empty.</param>
    public static SseTarget User(string user) => Of(TargetKind.User, user);

    /// <summary>One stream.</summary>
    /// <param name="id">An <see cref="SseConnection.Id"/>; one that no stream has is no error.</param>
    public static SseTarget Connection(string id) => Of(TargetKind.Connection, id);

    /// <summary>The streams that listen to a topic at the moment.</summary>
    /// <param name="topic">The topic's name; not empty.</param>
    public static SseTarget Topic(string topic) => Of(TargetKind.Topic, topic);

    /// <summary>The streams that were opened with a token.</summary>
    /// <param name="id">The token's own name, its claim <c>jti</c>; not empty.</param>
    public static SseTarget Token(string id) => Of(TargetKind.Token, id);

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    internal static SseTarget? Parse(string? text)
    {
        if (text?.IndexOf(Mark, StringComparison.Ordinal) is not (> 0 and var at) || !Enum.TryParse<TargetKind>(text.AsSpan(0, at), out var kind))
            return null;
        return kind == TargetKind.All ? All : new SseTarget(kind, text[(at + 1)..]);
    }

    /// <summary>The target as logs show it, e.g. <c>User:42</c>.</summary>
    public override string ToString() => $"{Kind}{Mark}{Value}";

    private static SseTarget Of(TargetKind kind, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        return new SseTarget(kind, value);
    }
}

/// <summary>By what the streams of a <see cref="SseTarget"/> are told.</summary>
internal enum TargetKind
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>By their user.</summary>
    User,

    /// <summary>By their id.</summary>
    Connection,

    /// <summary>By a topic of theirs.</summary>
    Topic,

    /// <summary>By the token that they were opened with.</summary>
    Token,
}
