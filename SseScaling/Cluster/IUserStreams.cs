namespace SseScaling.Cluster;

/// <summary>One stream in the whole cluster.</summary>
/// <param name="Instance">The replica that serves it.</param>
/// <param name="Number">Its number there.</param>
internal readonly record struct StreamName(string Instance, long Number)
{
    public static StreamName? Parse(string text) =>
        text.LastIndexOf('/') is > 0 and var slash && long.TryParse(text.AsSpan(slash + 1), out var number) ? new(text[..slash], number) : null;

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Instance}/{Number}");
}

/// <summary>Which streams each user has open, in the order of their opening.</summary>
internal interface IUserStreams
{
    /// <summary>Enters a stream.</summary>
    /// <param name="user">The user.</param>
    /// <param name="stream">The new stream.</param>
    /// <param name="limit">How many a user may have, 1 or more.</param>
    /// <param name="evict">Whether the oldest give way beyond it; else the new one is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The streams that must end, already removed; null when the new one was refused.</returns>
    /// <exception cref="SseUnavailableException">The register cannot be reached.</exception>
    Task<IReadOnlyList<StreamName>?> EnterAsync(string user, StreamName stream, int limit, bool evict, CancellationToken cancellationToken);

    /// <summary>Removes a stream that ended; an unreachable register forgets it once its replica is gone or a day has passed.</summary>
    Task LeaveAsync(string user, StreamName stream);

    /// <summary>Has a stream of any replica ended.</summary>
    Task EndAsync(StreamName stream);
}
