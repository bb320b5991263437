using System.Globalization;
using SseScaling.Tests.Social;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Hostile;

/// <summary>A small request that has the system move a multiple of itself.</summary>
[Trait("Category", "Hostile")]
public sealed class AmplifierTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_a_user_wants_is_read_once_a_call_however_many_events_are_the_users()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var api = await ApiProcess.StartAsync(redis);
        await api.HealthyAsync();
        var types = string.Join(',', Enumerable.Range(0, 100).Select(i => ApiCalls.Quote($"{i:D4}{new string('x', 60)}")));
        await api.Http.DoneAsync(HttpMethod.Put, "/api/users/7/interests", $"[{types}]");
        var body = $"[{string.Join(',', Enumerable.Range(0, 1_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"topic\":\"notifications:7\",\"data\":{{\"type\":\"t{i}\"}}}}")))}]";
        var before = await SentAsync(redis);

        await api.Http.PublishBodyAsync(body);

        var sent = await SentAsync(redis) - before;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A body of {body.Length >> 10} KB had Redis send {sent >> 10} KB."));
        Assert.InRange(sent, 0, 256 << 10);
    }

    private static async Task<long> SentAsync(RedisServer redis)
    {
        var line = (await redis.CliAsync("INFO", "stats")).Split('\n').Single(line => line.StartsWith("total_net_output_bytes:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }
}
