using System.Text.Json;
using SseScaling.Cluster;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>The replicas' reports in one hash, a field each. Reports that nobody renews are removed after a minute.</summary>
internal sealed class RedisReplicaReports(RedisLink link) : IReplicaReports
{
    private const long ForgetAfterMs = 60_000;

    public async Task<IReadOnlyList<SseReplica>> ExchangeAsync(SseReplica own, CancellationToken cancellationToken)
    {
        var entries = await link.AskAsync(
            async database =>
            {
                await database.HashSetAsync(RedisNames.Replicas, own.Instance, JsonSerializer.SerializeToUtf8Bytes(own));
                return await database.HashGetAllAsync(RedisNames.Replicas);
            },
            cancellationToken);
        var reports = new List<SseReplica>();
        foreach (var entry in entries)
        {
            var report = Read(entry.Value);
            if (report is null || own.AtMs - report.AtMs > ForgetAfterMs)
                await link.AskAsync(database => database.HashDeleteAsync(RedisNames.Replicas, entry.Name), cancellationToken);
            else
                reports.Add(report);
        }

        return reports;
    }

    public async Task RemoveAsync(string instance)
    {
        try
        {
            await link.AskAsync(database => database.HashDeleteAsync(RedisNames.Replicas, instance));
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
