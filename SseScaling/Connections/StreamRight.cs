using System.Diagnostics.CodeAnalysis;

namespace SseScaling.Connections;

/// <summary>By what right a stream is open, and until when. Immutable but for the reminder, which one thread at a time sees to.</summary>
internal sealed class StreamRight
{
    // The wheel looks at a connection up to a second late.
    private const long Turn = 1_500;

    // Time enough to renew a cookie, whatever the life of the token; not days before the end of one that lives for weeks.
    private const long MaxNotice = 60_000;

    private bool _isTold;

    private StreamRight(string? user, string? tokenId, DateTimeOffset? issuedAt, DateTimeOffset? expiresAt) =>
        (User, TokenId, IssuedAt, ExpiresAt) = (user, tokenId, issuedAt, expiresAt);

    /// <summary>The stream's own name in the cluster, which its client is told with the reminder; set before the stream begins.</summary>
    public string StreamId { get; set; } = "";

    /// <summary>Who is authenticated; null: somebody without a name.</summary>
    public string? User { get; }

    /// <summary>The token's own name (<c>jti</c>); null: it has none.</summary>
    public string? TokenId { get; }

    /// <summary>When the token was issued; null: nobody knows.</summary>
    public DateTimeOffset? IssuedAt { get; }

    /// <summary>When the right ends; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>When the stream ends at the latest (<see cref="Hosting.Clock"/>, ms): spread over the last tenth of the right's life, so that those who came together do not go together.</summary>
    public long EndsAt { get; private init; } = long.MaxValue;

    /// <summary>When nothing may be delivered any more (<see cref="Hosting.Clock"/>, ms), however late the time keeping is.</summary>
    public long OverAt { get; private init; } = long.MaxValue;

    /// <summary>When the client is told to renew it.</summary>
    public long RemindAt { get; private init; } = long.MaxValue;

    /// <summary>When there is something to do about it next.</summary>
    public long NextAt => _isTold ? EndsAt : Math.Min(RemindAt, EndsAt);

    /// <param name="user">Who is authenticated.</param>
    /// <param name="tokenId">The token's own name.</param>
    /// <param name="issuedAt">When it was issued.</param>
    /// <param name="expiresAt">When it ends.</param>
    /// <param name="now">The time.</param>
    /// <param name="clock">The same moment by <see cref="Hosting.Clock"/>, ms.</param>
    [SuppressMessage("Security", "CA5394", Justification = "Spreads load.")]
    public static StreamRight Of(string? user, string? tokenId, DateTimeOffset? issuedAt, DateTimeOffset? expiresAt, DateTimeOffset now, long clock)
    {
        if (expiresAt is not { } end)
            return new StreamRight(user, tokenId, issuedAt, null);
        var left = (end - now).TotalMilliseconds;
        var life = Math.Max(0, (left * (0.9 + (0.1 * Random.Shared.NextDouble()))) - Turn);
        return new StreamRight(user, tokenId, issuedAt, end)
        {
            OverAt = clock + (long)left,
            EndsAt = clock + (long)life,
            RemindAt = clock + (long)Math.Max(Math.Min(life * 0.8, life - Turn), life - MaxNotice),
        };
    }

    /// <summary>Whether its token was issued before a time (Unix ms). One that does not say when was.</summary>
    public bool WasIssuedBefore(long ms) => IssuedAt is not { } issued || issued.ToUnixTimeMilliseconds() < ms;

    /// <summary>Whether the client is to be told now; true once.</summary>
    public bool TakeReminder(long clock)
    {
        if (_isTold || clock < RemindAt)
            return false;
        return _isTold = true;
    }
}
