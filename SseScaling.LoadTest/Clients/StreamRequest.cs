using System.Text;
using SseScaling.LoadTest.Options;

namespace SseScaling.LoadTest.Clients;

/// <summary>Which topic a client listens to, and the requests that say so.</summary>
internal static class StreamRequest
{
    /// <summary>The stream's path with {user} or {topic}.</summary>
    public static string Template(RunOptions options) =>
        options.Path ?? (options.Topic is null ? "/api/notifications?userId={user}" : "/api/stream?topic={topic}");

    /// <summary>How many topics there are.</summary>
    public static int TopicCount(RunOptions options) =>
        options.Topic is not null ? 1 : options.Users > 0 ? Math.Min(options.Users, options.Connections) : options.Connections;

    /// <summary>The name of the topic with this number.</summary>
    public static string TopicName(RunOptions options, int number) => options.Topic ?? $"notifications:{options.FirstUser + number}";

    /// <summary>The path for the topic with this number.</summary>
    public static string Path(RunOptions options, int number) => Template(options)
        .Replace("{user}", (options.FirstUser + number).ToString(System.Globalization.CultureInfo.InvariantCulture))
        .Replace("{topic}", Uri.EscapeDataString(TopicName(options, number)));

    /// <summary>The request up to where Last-Event-ID or the empty line follows.</summary>
    public static byte[] Head(RunOptions options, Target target, int number) => Encoding.ASCII.GetBytes(
        $"GET {target.PathOf(Path(options, number))} HTTP/1.1\r\nHost: {target.Url.Authority}\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n{Extra(options)}");

    /// <summary>The publishing request up to Content-Length.</summary>
    public static byte[] PublishHead(RunOptions options, Target target) => Encoding.ASCII.GetBytes(
        $"POST {target.PathOf(options.PublishPath)} HTTP/1.1\r\nHost: {target.Url.Authority}\r\nContent-Type: application/json\r\n{Extra(options)}");

    private static string Extra(RunOptions options) => string.Concat(options.Headers.Select(header => header + "\r\n"));
}
