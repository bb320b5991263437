using System.Text.Json;
using SseScaling.Cluster;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>The replicas' reports in one hash, a field each. Those that nobody renews are removed by whoever has seen it for a minute.</summary>
internal sealed class RedisReplicaReports(RedisLink link) : IReplicaReports
{
    public async Task<IReadOnlyList<SseReplica>> ExchangeAsync(SseReplica own, CancellationToken cancellationToken)
    {
        var entries = await link.AskAsync(
            async database =>
            {
                await database.HashSetAsync(RedisKeys.Replicas, own.Instance, JsonSerializer.SerializeToUtf8Bytes(own));
                return await database.HashGetAllAsync(RedisKeys.Replicas);
            },
            cancellationToken);
        var reports = new List<SseReplica>();
        foreach (var entry in entries)
        {
            if (Read(entry.Value) is { } report)
                reports.Add(report);
            else
                await link.AskAsync(database => database.HashDeleteAsync(RedisKeys.Replicas, entry.Name), cancellationToken);
        }

        return reports;
    }

    public async Task RemoveAsync(string instance)
    {
        try
        {
            await link.AskAsync(database => database.HashDeleteAsync(RedisKeys.Replicas, instance));
        }
        catch (SseUnavailableException)
        {
            // It is stale in six seconds.
        }
    }

    private static SseReplica? Read(RedisValue value)
    {
        try
        {
            return JsonSerializer.Deserialize<SseReplica>(((ReadOnlyMemory<byte>)value).Span);
        }
        catch (JsonException)
        {
            return null; // Of another version, whose replica renews it, or nobody's.
        }
    }
}
