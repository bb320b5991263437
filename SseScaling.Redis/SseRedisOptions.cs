using System.ComponentModel.DataAnnotations;

namespace SseScaling.Redis;

/// <summary>How long Redis is waited for. Configuration section <c>Sse:Redis</c>, checked at start.</summary>
public sealed class SseRedisOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Sse:Redis";

    /// <summary>
    /// Name of the resilience pipeline around publishing: by default one repetition of what can be repeated without a duplicate, a circuit breaker, a time-out.
    /// An application that registers a pipeline under this name replaces it, before or after <c>AddRedis</c>. However often it repeats, nothing is published twice.
    /// </summary>
    public const string PublishPipeline = "redis-publish";

    /// <summary>
    /// Name of the resilience pipeline around each subscribing of a topic: by default retries without end. An application that registers a pipeline under this name
    /// replaces it, before or after <c>AddRedis</c>. Where it gives up it is run anew after <see cref="SubscribeRetryMax"/>, for as long as the topic has clients.
    /// </summary>
    public const string SubscribePipeline = "redis-subscribe";

    /// <summary>How long one call of Redis may take: publishing up to 512 events, reading a page, a ping. Default 2 s; 100 ms to 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30", ConvertValueInInvariantCulture = true)]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between two pings of the link. Default 1 s; 50 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00", ConvertValueInInvariantCulture = true)]
    public TimeSpan WatchdogInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Failed pings in a row after which a new connection is opened: a half-open one is not noticed by the client library
    /// within 75 s. Default 3; 1 to 100.
    /// </summary>
    [Range(1, 100)]
    public int WatchdogFailures { get; set; } = 3;

    /// <summary>The longest pause between two attempts to subscribe a topic; the first is 100 ms, doubled and jittered from there. Default 2 s; 100 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00", ConvertValueInInvariantCulture = true)]
    public TimeSpan SubscribeRetryMax { get; set; } = TimeSpan.FromSeconds(2);
}
