using System.ComponentModel.DataAnnotations;

namespace SseScaling;

/// <summary>
/// How much the backplane keeps of each topic. Configuration section <c>Sse:History</c>. The limits belong to all processes that publish: give them the same values.
/// </summary>
public sealed class SseHistoryOptions
{
    /// <summary>Durable events kept for each topic. Default 1,000; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int Length { get; set; } = 1_000;

    /// <summary>How long a topic's events are kept after its last one. Default 1 hour; 100 ms to 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00", ConvertValueInInvariantCulture = true)]
    public TimeSpan Idle { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a topic's epoch and offset are kept after its last durable event; not shorter than <see cref="Idle"/>. A client that returns later than that is
    /// told of a gap, even if nothing was published meanwhile. Default 24 hours; 100 ms to 30 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "30.00:00:00", ConvertValueInInvariantCulture = true)]
    public TimeSpan PositionIdle { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long an idempotency key is remembered. Default 5 minutes; 100 ms to 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00", ConvertValueInInvariantCulture = true)]
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromMinutes(5);
}
