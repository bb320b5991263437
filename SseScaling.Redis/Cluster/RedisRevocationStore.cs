using System.Globalization;
using SseScaling.Authorization;

namespace SseScaling.Redis;

/// <summary>The revocations of the cluster in one hash: <c>issued-before-ms " " target</c> -> <c>expires-ms</c>. Whoever reads removes what has expired.</summary>
internal sealed class RedisRevocationStore(RedisLink link, TimeProvider time) : IRevocationStore
{
    public Task AddAsync(Revocation revocation, CancellationToken cancellationToken) => link.AskAsync(
        database => Task.WhenAll(
            database.HashSetAsync(RedisKeys.Revoked, string.Create(CultureInfo.InvariantCulture, $"{revocation.IssuedBeforeMs} {revocation.Target}"), revocation.ExpiresMs),
            database.KeyExpireAsync(RedisKeys.Revoked, DateTimeOffset.FromUnixTimeMilliseconds(revocation.ExpiresMs).UtcDateTime)),
        cancellationToken);

    public async Task<IReadOnlyList<Revocation>> ReadAsync(CancellationToken cancellationToken)
    {
        var entries = await link.AskAsync(database => database.HashGetAllAsync(RedisKeys.Revoked), cancellationToken);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var kept = new List<Revocation>(entries.Length);
        foreach (var entry in entries)
        {
            var field = entry.Name.ToString();
            var space = field.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && long.TryParse(field.AsSpan(0, space), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var before)
                && entry.Value.TryParse(out long expires) && expires > now)
                kept.Add(new Revocation(field[(space + 1)..], before, expires));
            else
                await link.AskAsync(database => database.HashDeleteAsync(RedisKeys.Revoked, entry.Name), cancellationToken);
        }

        return kept;
    }
}
