using SseScaling.Cluster;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>The register of all replicas: one sorted set per user, the streams in the order of their opening.</summary>
internal sealed class RedisStreamRegister(RedisLink link, ReplicaDirectory replicas, TimeProvider time) : IStreamRegister
{
    private static readonly TimeSpan Expiry = StreamTracker.Renewal * 3;

    // One whose replica this one has not heard of may be of a new replica; it does not count yet, but it stays.
    private static readonly TimeSpan KeptUnknown = TimeSpan.FromMinutes(1);

    private readonly RedisScript _enter = RedisScript.Enter();

    public async Task<IReadOnlyList<StreamName>?> EnterAsync(TrackedStream entry, int limit, bool evict, CancellationToken cancellationToken)
    {
        RedisValue[] values =
        [
            entry.Stream.ToString(), entry.OpenedMs, limit, evict ? 1 : 0, (long)Expiry.TotalMilliseconds,
            .. (replicas.Live ?? []).SelectMany(replica => new RedisValue[] { replica.Instance, replica.StartedMs }),
        ];
        var reply = await link.AskAsync(database => _enter.RunAsync(database, [RedisKeys.UserStreams(entry.User)], values), cancellationToken);
        return reply.IsNull ? null : [.. ((string?[]?)reply ?? []).Select(name => StreamName.Parse(name!)).OfType<StreamName>()];
    }

    public Task WriteAsync(IReadOnlyCollection<TrackedStream> entries, CancellationToken cancellationToken) => link.AskAsync(
        database => Task.WhenAll(entries.GroupBy(entry => entry.User).SelectMany(user => Write(database, RedisKeys.UserStreams(user.Key), user))), cancellationToken);

    public async Task<int> CountElsewhereAsync(string user, CancellationToken cancellationToken)
    {
        var key = RedisKeys.UserStreams(user);
        var streams = await link.AskAsync(database => database.SortedSetRangeByRankWithScoresAsync(key), cancellationToken);
        var started = (await replicas.KnownAsync(cancellationToken)).ToDictionary(replica => replica.Instance, replica => replica.StartedMs);
        var keptSince = (time.GetUtcNow() - KeptUnknown).ToUnixTimeMilliseconds();
        var count = 0;
        var dead = new List<RedisValue>();
        foreach (var stream in streams)
        {
            var instance = StreamName.Parse(stream.Element.ToString())?.Instance ?? "";
            if (started.TryGetValue(instance, out var since) && stream.Score >= since)
                count += instance == replicas.Own ? 0 : 1;
            else if (stream.Score < keptSince)
                dead.Add(stream.Element);
        }

        if (dead.Count > 0)
            await link.AskAsync(database => database.SortedSetRemoveAsync(key, [.. dead]), cancellationToken);
        return count;
    }

    private static IEnumerable<Task> Write(IDatabase database, RedisKey key, IEnumerable<TrackedStream> entries)
    {
        var byState = entries.ToLookup(entry => entry.IsOpen);
        if (byState.Contains(false))
            yield return database.SortedSetRemoveAsync(key, [.. byState[false].Select(entry => (RedisValue)entry.Stream.ToString())]);
        if (!byState.Contains(true))
            yield break;
        yield return database.SortedSetAddAsync(key, [.. byState[true].Select(entry => new SortedSetEntry(entry.Stream.ToString(), entry.OpenedMs))]);
        yield return database.KeyExpireAsync(key, Expiry);
    }
}
