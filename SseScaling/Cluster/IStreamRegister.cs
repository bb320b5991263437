namespace SseScaling.Cluster;

/// <summary>What the register knows of a user's stream.</summary>
/// <param name="User">The user.</param>
/// <param name="Stream">The stream.</param>
/// <param name="OpenedMs">When it was opened, Unix milliseconds; not before its replica's start.</param>
/// <param name="IsOpen">Whether it is open; else it has ended.</param>
internal readonly record struct TrackedStream(string User, StreamName Stream, long OpenedMs, bool IsOpen);

/// <summary>
/// Which streams each user has open in the cluster, in the order of their opening. Streams of replicas that are no longer alive do not count, and are dropped in time.
/// Every call may be repeated. Any thread.
/// </summary>
internal interface IStreamRegister
{
    /// <summary>Enters a stream under a limit.</summary>
    /// <param name="entry">The new stream.</param>
    /// <param name="limit">How many its user may have, 1 or more.</param>
    /// <param name="evict">Whether the oldest give way beyond it; else the new one is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// The streams that must end, already removed; the new one is among them if younger ones were entered before it. Null when it was refused.
    /// </returns>
    /// <exception cref="SseUnavailableException">The register cannot be reached.</exception>
    Task<IReadOnlyList<StreamName>?> EnterAsync(TrackedStream entry, int limit, bool evict, CancellationToken cancellationToken);

    /// <summary>Enters streams that are open, and removes those that have ended. What is not written again within three times <see cref="StreamTracker.Renewal"/> is forgotten.</summary>
    /// <exception cref="SseUnavailableException">The register cannot be reached; some may be written.</exception>
    Task WriteAsync(IReadOnlyCollection<TrackedStream> entries, CancellationToken cancellationToken);

    /// <summary>Counts a user's streams on the other live replicas.</summary>
    /// <exception cref="SseUnavailableException">The register cannot be reached, or which replicas live is not known.</exception>
    Task<int> CountElsewhereAsync(string user, CancellationToken cancellationToken);
}
