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
}
