namespace SseScaling.Publisher.Telemetry;

/// <summary>All that the publisher logs.</summary>
internal static partial class PublisherLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Follower graph: {Users} users, {Edges} follower relations, the most popular user has {MostFollowers} followers (seed {Seed})")]
    public static partial void GraphMade(this ILogger log, int users, int edges, int mostFollowers, long seed);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Information, Message = "Publishing: scenario {Scenario} at {Rate} events/s")]
    public static partial void Started(this ILogger log, string scenario, double rate);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Information, Message = "Published {Count} events in {Seconds:F1} s: {Actual:F0}/s of {Target:F0}/s, scenario {Scenario}, {Skipped} left out")]
    public static partial void Progress(this ILogger log, long count, double seconds, double actual, double target, string scenario, long skipped);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "Publishing pauses, Redis is away: {Reason}")]
    public static partial void Away(this ILogger log, string reason);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Information, Message = "Publishing resumes, Redis is back after {Seconds:F1} s")]
    public static partial void Back(this ILogger log, double seconds);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Information, Message = "Changed on request: scenario {Scenario} at {Rate} events/s")]
    public static partial void Changed(this ILogger log, string scenario, double rate);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Information, Message = "Publishing stopped after {Count} events")]
    public static partial void Stopped(this ILogger log, long count);
}
