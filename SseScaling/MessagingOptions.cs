using System.ComponentModel.DataAnnotations;

namespace SseScaling;

/// <summary>
/// How much is kept and how long Redis is waited for; section <c>Messaging</c> of the configuration, checked at start.
/// The limits of what is kept belong to all processes that publish: give them the same values.
/// </summary>
public sealed class MessagingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Messaging";

    /// <summary>Durable events kept for each topic. Default 1,000; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int HistoryLength { get; set; } = 1_000;

    /// <summary>How long a topic's events are kept after its last one. Default 1 hour; 100 ms to 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00", ConvertValueInInvariantCulture = true)]
    public TimeSpan HistoryIdle { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a topic's epoch and offset are kept after its last durable event; not shorter than <see cref="HistoryIdle"/>. A client
    /// that returns later than that is told of a gap, even if nothing was published meanwhile. Default 24 hours; 100 ms to 30 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "30.00:00:00", ConvertValueInInvariantCulture = true)]
    public TimeSpan CounterIdle { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long an idempotency key is remembered. Default 5 minutes; 100 ms to 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00", ConvertValueInInvariantCulture = true)]
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromMinutes(5);

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
