using System.ComponentModel.DataAnnotations;

namespace SseScaling.Api.Access;

/// <summary>Who may come, and how often. Configuration section <c>Access</c>; who somebody is, is for <c>Authentication:Schemes:Bearer</c> to say.</summary>
internal sealed class AccessOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Access";

    /// <summary>Other origins whose pages may read with credentials and change things, e.g. <c>https://app.example</c>. Default none.</summary>
    public IList<string> Origins { get; } = [];

    /// <summary>The proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed: addresses or networks, e.g. <c>10.0.0.0/8</c>. Default none.</summary>
    public IList<string> Proxies { get; } = [];

    /// <summary>How many requests a second one user, or where nobody is signed in one address, may send that publish; beyond it 429. Default 100, 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int PublishPerSecond { get; set; } = 100;

    /// <summary>How many streams a second one user, or one address, may open; beyond it 429. Default 20, 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int ConnectPerSecond { get; set; } = 20;

    /// <summary>The longest life of a session cookie; it never outlives the token that it was got for. Default 8 h, 5 s to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "30.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(8);

    /// <summary>
    /// Whether the demo may sign in as any user, without asking for anything: to watch rights end, be renewed and be revoked. Default false; only in Development, and only on
    /// loopback.
    /// </summary>
    public bool DemoSignIn { get; set; }
}
