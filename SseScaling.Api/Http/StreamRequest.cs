using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using SseScaling.Protocol;

namespace SseScaling.Api.Http;

/// <summary>What a client asks for when it opens a stream. The endpoint and what is served at accept read it by the same rules.</summary>
/// <param name="Label">What the log calls the client.</param>
/// <param name="Topics">1 to 100 different topics.</param>
/// <param name="Resume">Where the client stands; null: it starts live.</param>
/// <param name="Types">The types that it wants; null: all.</param>
/// <param name="User">The user whose stream it is; null for a stream of any topics.</param>
/// <param name="Window">What arrives within it becomes one event; zero: none; null: as the options say.</param>
/// <param name="IsOver">Whether the stream was ended for good, and its client comes back all the same.</param>
internal sealed record StreamRequest(
    string Label, IReadOnlyList<string> Topics, LastEventId? Resume, IReadOnlySet<string>? Types, string? User, TimeSpan? Window, bool IsOver)
{
    public const string UserPath = "/api/notifications";

    public const string TopicsPath = "/api/stream";

    /// <summary>Both.</summary>
    public static readonly string[] Paths = [UserPath, TopicsPath];

    private const int MaxTypes = 100;
    private const int MaxWindowMs = 10_000;

    /// <summary>Reads a request.</summary>
    /// <param name="path">The path, one of the two.</param>
    /// <param name="query">The query string, with or without its question mark.</param>
    /// <param name="lastEventId">The Last-Event-ID header; null when there is none.</param>
    /// <param name="error">What the client should change, when the result is null.</param>
    public static StreamRequest? Read(string path, string query, string? lastEventId, out string error)
    {
        string? user = null, types = null;
        TimeSpan? window = null;
        var topics = new List<string>(1);
        error = "";
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var value = pair.DecodeValue().ToString();
            switch (pair.DecodeName().Span)
            {
                case "userId" when path == UserPath:
                    user = value;
                    break;
                case "topic" when path == TopicsPath:
                    if (!topics.Contains(value))
                        topics.Add(value);
                    break;
                case "types":
                    types = value;
                    break;
                case "batch":
                    if (!int.TryParse(value, System.Globalization.NumberStyles.None, null, out var milliseconds) || milliseconds > MaxWindowMs)
                        return Fail($"The parameter batch is a window in ms, 0 to {MaxWindowMs}, e.g. batch=100: 0, or nothing, is no window.", out error);
                    window = TimeSpan.FromMilliseconds(milliseconds);
                    break;
                case "lastEventId":
                    lastEventId ??= value;
                    break;
                default:
                    error = $"The query parameter '{pair.DecodeName()}' is unknown here: {Parameters(path)}";
                    return null;
            }
        }

        if (path == UserPath)
        {
            if (string.IsNullOrEmpty(user))
                return Fail("The parameter userId is missing: name the user, e.g. /api/notifications?userId=42.", out error);
            topics.Add(TopicName.OfUser(user));
        }

        return Check(path == UserPath ? $"user {user}" : string.Join(", ", topics), topics, lastEventId, types, user, window, out error);
    }

    private static StreamRequest? Check(
        string label, List<string> topics, string? lastEventId, string? types, string? user, TimeSpan? window, out string error)
    {
        if (topics.Count == 0)
            return Fail("The parameter topic is missing: name at least one, e.g. /api/stream?topic=news.", out error);
        if (topics.Count > TopicName.MaxPerStream)
            return Fail($"A stream has at most {TopicName.MaxPerStream} topics: open several streams.", out error);
        foreach (var topic in topics)
        {
            if (TopicName.Problem(topic) is { } problem)
                return Fail(problem, out error);
        }

        LastEventId? resume = null;
        var isOver = lastEventId == LastEventId.End;
        if (!isOver && !string.IsNullOrEmpty(lastEventId))
        {
            resume = LastEventId.Parse(lastEventId);
            if (resume is null)
                return Fail("The last event id is not one that this server sent: leave it out to start live.", out error);
            if (resume.IsSingle && topics.Count > 1)
                return Fail("The last event id is one of a stream of one topic, this stream has several: send an id of this stream.", out error);
        }

        HashSet<string>? wanted = null;
        if (types is not null)
        {
            wanted = [.. types.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
            if (wanted.Count is 0 or > MaxTypes)
                return Fail($"The parameter types names 1 to {MaxTypes} types, e.g. types=like,new-post: leave it out for all.", out error);
        }

        error = "";
        return new StreamRequest(label, topics, resume, wanted, user, window, isOver);
    }

    private static string Parameters(string path) => path == UserPath
        ? "it takes userId, types, batch and lastEventId."
        : "it takes topic (up to 100 times), types, batch and lastEventId.";

    private static StreamRequest? Fail(string problem, out string error)
    {
        error = problem;
        return null;
    }
}

/// <summary>What a topic may be called.</summary>
internal static class TopicName
{
    public const int MaxPerStream = 100;

    /// <summary>The longest name, in bytes of UTF-8.</summary>
    public const int MaxBytes = 256;

    private const string UserPrefix = "notifications:";

    /// <summary>A user's topic, which is also the Redis channel.</summary>
    public static string OfUser(string user) => UserPrefix + user;

    /// <summary>Whose topic it is; null for another one.</summary>
    public static string? UserOf(string topic) => topic.StartsWith(UserPrefix, StringComparison.Ordinal) ? topic[UserPrefix.Length..] : null;

    /// <summary>Where a celebrity's posts stand once for all followers.</summary>
    public static string OfAuthor(string author) => "posts:" + author;

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
            if (char.IsControl(c) || char.IsSurrogate(c) && !IsWellFormed(topic))
                return "A topic contains control characters or broken text: leave them out.";
        }

        return null;
    }

    private static bool IsWellFormed(string text) => !text.EnumerateRunes().Contains(Rune.ReplacementChar);
}
