using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Redis;

/// <summary>A Redis that answers each ping and does not do the work: full, demoted, forbidding.</summary>
public sealed class RefusingRedisTests
{
    [Theory]
    [InlineData("OOM", "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0")]
    [InlineData("READONLY", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE")]
    [InlineData("NOPERM", "ACL SETUSER default resetkeys", "ACL SETUSER default allkeys")]
    [InlineData("NOREPLICAS", "CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0")]
    public async Task While_Redis_refuses_streams_stay_and_every_answer_health_and_one_line_say_why(string word, string cause, string remedy)
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var api = await ApiProcess.StartAsync(redis, ("Sse__Redis__WatchdogInterval", "00:00:00.200"));
        await api.HealthyAsync();
        await using var stream = await SseClient.OpenTopicsAsync(api.Http, "known", "fresh");
        await stream.LiveAsync();
        await api.Http.PublishAsync("known", "1");
        Assert.Equal("1", (await stream.NextAsync()).Data);

        await redis.CliAsync(cause.Split(' '));
        foreach (var body in new[]
        {
            """{"topic":"known","data":2}""", """{"topic":"fresh","data":2}""", """{"topic":"fresh","data":2,"key":"k"}""",
            """[{"topic":"fresh","data":2},{"topic":"known","data":2}]""", """{"topic":"known","data":2,"collapse":"c"}""",
        })
        {
            using var answer = await api.Http.PostPublishAsync(body);
            Assert.Contains(word, await answer.DetailAsync(503), StringComparison.Ordinal);
        }

        await Eventually.TrueAsync(async () => (await HealthAsync(api)).Contains($"\"reasons\":{{\"redis\":\"{word}\"}}", StringComparison.Ordinal), "/health says why");
        // Enough to open the circuit: its answers know why as well.
        for (var i = 0; i < 20; i++)
        {
            using var answer = await api.Http.PostPublishAsync("""{"topic":"known","data":2}""");
            Assert.Contains(word, await answer.DetailAsync(503), StringComparison.Ordinal);
        }

        Assert.Equal(1, api.Count("Redis answers and refuses the work"));

        await redis.CliAsync(remedy.Split(' '));
        await api.HealthyAsync();
        await api.Http.PublishAsync("known", "3");
        await api.Http.PublishAsync("fresh", "3");
        Assert.Equal("3", (await stream.NextAsync()).Data);
        Assert.Equal("3", (await stream.NextAsync()).Data);
        await api.LoggedAsync("Redis does its work again");
    }

    private static async Task<string> HealthAsync(ApiProcess api)
    {
        using var answer = await api.Http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
