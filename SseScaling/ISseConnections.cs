using System.Security.Claims;

namespace SseScaling;

/// <summary>The open streams of the whole cluster: who they are, ending them, and what they listen to. Any thread.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>What is done to a target is done on every replica that can be reached, on this one without a detour. The calls complete when every live replica has
/// confirmed, after which what is published reaches the streams that joined, and no stream that was ended.</item>
/// <item>A replica is live that has told its figures within six seconds. One that was killed is still waited for until then: two seconds.</item>
/// <item>What is done holds for the streams that are open. A client that comes back opens a new one, with what its request and its plan say.</item>
/// </list>
/// </remarks>
public interface ISseConnections
{
    /// <summary>Open streams of this replica.</summary>
    int Count { get; }

    /// <summary>This replica with its figures of now.</summary>
    SseReplica Replica { get; }

    /// <summary>The live replicas ordered by name, this one included; the others' figures are at most two seconds old. Only this one while the backplane is away.</summary>
    IReadOnlyList<SseReplica> Replicas { get; }

    /// <summary>Lists streams, the oldest first: at most 10,000 of each replica, and only those of the replicas that answer within two seconds.</summary>
    /// <param name="target">Which.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="SseUnavailableException">The backplane is away: the other replicas cannot be asked.</exception>
    Task<IReadOnlyList<SseConnection>> ListAsync(SseTarget target, CancellationToken cancellationToken = default);

    /// <summary>Counts streams. A user's are counted without asking the replicas: exactly here, elsewhere right within 10 s, also after the sudden end of a replica.</summary>
    /// <param name="target">Which.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    Task<int> CountAsync(SseTarget target, CancellationToken cancellationToken = default);

    /// <summary>How many users have streams open; one with streams on several replicas counts once for each. Right within 10 s.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    Task<int> CountUsersAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends streams with the reason <see cref="SseDisconnectReason.Ended"/>, each once its client took what waits for it.</summary>
    /// <param name="target">Which.</param>
    /// <param name="forGood">
    /// False: the clients come back after the reconnect delay, where they stood. True: they come back with the last event id <c>end</c>, which is answered with
    /// 204 No Content, and that ends an EventSource for good. A client that the farewell does not reach comes back as usual: who may come back is for the authorization to say.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting; what was told is done all the same.</param>
    /// <exception cref="SseUnavailableException">
    /// The backplane is away, or a live replica did not confirm within two seconds. It may still be done, also once the backplane is back: repeat the call.
    /// </exception>
    Task DisconnectAsync(SseTarget target, bool forGood = false, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends the rights of a user's tokens, or of one token: the streams end with the reason <see cref="SseDisconnectReason.Revoked"/> and for good, whoever comes back with such a
    /// token gets 204 (an EventSource) or 401, and cannot publish by <c>MapSsePublish</c> either. Holds on every replica, also after a restart, for
    /// <see cref="SseOptions.MaxTokenLifetime"/>; in memory, without a backplane, for as long as the process lives. The application's other endpoints are its own to guard.
    /// </summary>
    /// <param name="target"><see cref="SseTarget.User"/>: the claim <c>sub</c>; or <see cref="SseTarget.Token"/>.</param>
    /// <param name="issuedBefore">
    /// Only of tokens that were issued before (claim <c>iat</c>, in whole seconds; a cookie's time of issue), or do not say when. Default: now.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting; what was told is done all the same.</param>
    /// <exception cref="ArgumentException">The target is neither.</exception>
    /// <exception cref="SseUnavailableException">
    /// The backplane is away, and nothing is revoked; or a live replica did not confirm within two seconds: it hears of it within 30 s. Repeat the call.
    /// </exception>
    Task RevokeAsync(SseTarget target, DateTimeOffset? issuedBefore = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Whether somebody's right was revoked, as far as this replica knows: within a second of <see cref="RevokeAsync"/>, without asking anybody. For the application's other endpoints:
    /// streams and <c>MapSsePublish</c> look themselves.
    /// </summary>
    /// <param name="user">Who is authenticated; its claims <c>sub</c>, <c>jti</c> and <c>iat</c> count.</param>
    bool IsRevoked(ClaimsPrincipal user);

    /// <summary>Has streams listen to one more topic for as long as they are open, beginning with what is published from now on. Nothing changes for those that do already.</summary>
    /// <param name="target">Which.</param>
    /// <param name="topic">The topic; 1 to 256 bytes of UTF-8, not beginning with <c>sse:</c>.</param>
    /// <param name="cancellationToken">Gives up waiting; what was told is done all the same.</param>
    /// <exception cref="ArgumentException">The topic has no such name.</exception>
    /// <exception cref="SseUnavailableException">As with <see cref="DisconnectAsync"/>.</exception>
    Task JoinAsync(SseTarget target, string topic, CancellationToken cancellationToken = default);

    /// <summary>Ends what <see cref="JoinAsync"/> began. A topic that a stream's own plan names stays.</summary>
    /// <inheritdoc cref="JoinAsync"/>
    Task LeaveAsync(SseTarget target, string topic, CancellationToken cancellationToken = default);

    /// <summary>
    /// Has the plans of streams read anew on all replicas, since what they depend on has changed. Completes when the streams of this replica follow, after a second at
    /// the latest; the others follow in their time.
    /// </summary>
    /// <param name="target">Which.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    Task RefreshAsync(SseTarget target, CancellationToken cancellationToken = default);
}
