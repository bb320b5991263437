using Microsoft.Extensions.Options;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Hosting;

namespace SseScaling.Authorization;

/// <summary>The revocations of the whole cluster, in memory: a connect asks nobody. Any thread.</summary>
/// <remarks>
/// Read from the store at the start, after an interruption, every half minute, and when another replica says that there is a new one. Until the first reading nobody
/// knows whose rights have ended: streams of authenticated users wait for it.
/// </remarks>
internal sealed class Revocations : SupervisedService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IRevocationStore _store;
    private readonly IBackplane _backplane;
    private readonly SseOptions _options;
    private readonly TimeProvider _time;
    private volatile Dictionary<string, long> _issuedBefore = new(StringComparer.Ordinal);

    public Revocations(IRevocationStore store, IBackplane backplane, IOptions<SseOptions> options, TimeProvider time, Supervision supervision)
        : base(supervision)
    {
        (_store, _backplane, _options, _time) = (store, backplane, options.Value, time);
        _backplane.Restored += WorkNow;
    }

    /// <summary>Ends the rights of a user, or of a token: everywhere for whoever comes from now on; here once this is done.</summary>
    /// <exception cref="SseUnavailableException">The store is away: nothing is revoked.</exception>
    public async Task AddAsync(SseTarget target, DateTimeOffset issuedBefore, CancellationToken cancellationToken)
    {
        var expires = _time.GetUtcNow() + _options.MaxTokenLifetime;
        await _store.AddAsync(new Revocation(target.ToString(), issuedBefore.ToUnixTimeMilliseconds(), expires.ToUnixTimeMilliseconds()), cancellationToken);
        await ReadAsync(cancellationToken);
    }

    /// <summary>Reads what there is.</summary>
    /// <exception cref="SseUnavailableException">The store is away: what was known stays.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var known = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var one in (await _store.ReadAsync(cancellationToken)).Where(one => one.ExpiresMs > now))
            known[one.Target] = Math.Max(one.IssuedBeforeMs, known.GetValueOrDefault(one.Target, long.MinValue));
        _issuedBefore = known;
        _known.TrySetResult();
    }

    /// <summary>Waits until the revocations are known; false where that takes longer than two seconds.</summary>
    public async ValueTask<bool> AreKnownAsync()
    {
        if (!_known.Task.IsCompleted)
            await _known.Task.WaitAsync(Patience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _known.Task.IsCompleted;
    }

    /// <summary>Whether a right has ended. A token that does not say when it was issued was issued before.</summary>
    public bool Includes(StreamRight right)
    {
        var revoked = _issuedBefore;
        return revoked.Count > 0
            && ((right.User is { Length: > 0 } user && Ends(revoked, SseTarget.User(user), right)) || (right.TokenId is { Length: > 0 } token && Ends(revoked, SseTarget.Token(token), right)));
    }

    public override void Dispose()
    {
        _backplane.Restored -= WorkNow;
        base.Dispose();
    }

    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(Interval, ReadAsync, stoppingToken);

    private static bool Ends(Dictionary<string, long> revoked, SseTarget target, StreamRight right) =>
        revoked.TryGetValue(target.ToString(), out var before) && right.WasIssuedBefore(before);
}
