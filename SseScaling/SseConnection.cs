namespace SseScaling;

/// <summary>One open stream of any replica, as it was when the replica was asked.</summary>
/// <param name="Id">Its name in the cluster: the replica, a slash, its number there. Another one after each reconnect.</param>
/// <param name="User">The user for whom it was opened; null for a stream of nobody.</param>
/// <param name="Topics">The topics that it listens to, those that it joined included.</param>
/// <param name="ConnectedAt">When it was opened, by its replica's clock.</param>
/// <param name="Replica">The replica that holds it: <see cref="SseReplica.Instance"/>.</param>
public sealed record SseConnection(string Id, string? User, IReadOnlyList<string> Topics, DateTimeOffset ConnectedAt, string Replica);
