namespace SseScaling.Authorization;

/// <summary>Rights that ended before their time.</summary>
/// <param name="Target">Whose: a user's or a token's <see cref="SseTarget"/>.</param>
/// <param name="IssuedBeforeMs">Those of tokens that were issued before (Unix ms).</param>
/// <param name="ExpiresMs">When no such token can be valid any more (Unix ms), so that this is forgotten.</param>
internal sealed record Revocation(string Target, long IssuedBeforeMs, long ExpiresMs);

/// <summary>Where revocations are kept for all replicas.</summary>
internal interface IRevocationStore
{
    /// <summary>Keeps a revocation; it holds once this is done.</summary>
    /// <exception cref="SseUnavailableException">The store is away.</exception>
    Task AddAsync(Revocation revocation, CancellationToken cancellationToken);

    /// <summary>Reads all of them.</summary>
    /// <exception cref="SseUnavailableException">The store is away.</exception>
    Task<IReadOnlyList<Revocation>> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Those of one process, which forgets them with its end, as it does its events.</summary>
internal sealed class MemoryRevocationStore : IRevocationStore
{
    private readonly Lock _gate = new();
    private readonly List<Revocation> _all = [];

    public Task AddAsync(Revocation revocation, CancellationToken cancellationToken)
    {
        lock (_gate)
            _all.Add(revocation);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Revocation>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<Revocation>>([.. _all]);
    }
}
