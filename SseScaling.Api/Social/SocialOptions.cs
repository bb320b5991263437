using System.ComponentModel.DataAnnotations;

namespace SseScaling.Api.Social;

/// <summary>The social patterns, each one switchable. Configuration section <c>Social</c>, e.g. <c>Social__FanOut=Write</c>.</summary>
internal sealed class SocialOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Social";

    /// <summary>
    /// Whether interests and muted authors are looked up: two reads of Redis when a user's stream opens, and 65 for each 1,000 recipients of a post.
    /// Default true.
    /// </summary>
    public bool SelectiveDelivery { get; set; } = true;

    /// <summary>Followers that are read, and published to, in one step. Default 1,000; 100 to 10,000.</summary>
    [Range(100, 10_000)]
    public int PageSize { get; set; } = 1_000;

    /// <summary>How posts reach followers. Default: hybrid. Give all replicas the same value.</summary>
    [EnumDataType(typeof(FanOutStrategy))]
    public FanOutStrategy FanOut { get; set; }

    /// <summary>From so many followers on an author is a celebrity, in the hybrid strategy. Default 10,000; 1 to 100,000,000.</summary>
    [Range(1, 100_000_000)]
    public int CelebrityFollowers { get; set; } = 10_000;

    /// <summary>Posts to more followers than this are fanned out after the answer, in the background. Default 1,000; 0 to 1,000,000.</summary>
    [Range(0, 1_000_000)]
    public int BackgroundFollowers { get; set; } = 1_000;

    /// <summary>
    /// A replica that showed no progress with a background fan-out for so long is taken for dead, and another one goes on. Default 10 s; 1 s to 10 min.
    /// Longer than a page can take, which is twice the time-out of Redis for each 512 followers.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>How posts reach followers.</summary>
internal enum FanOutStrategy
{
    /// <summary>On read for celebrities, on write for everybody else.</summary>
    Hybrid,

    /// <summary>One event on each follower's topic.</summary>
    Write,

    /// <summary>One event on the author's topic, which the followers' streams merge.</summary>
    Read,
}
