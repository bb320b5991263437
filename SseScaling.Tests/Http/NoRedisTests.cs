using System.Net;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Http;

/// <summary>A replica that is started before its Redis.</summary>
public sealed class NoRedisTests
{
    [Fact]
    public async Task It_starts_says_so_once_and_serves_as_soon_as_Redis_is_there()
    {
        await using var redis = new RedisServer();
        await using var api = await ApiProcess.StartAsync(redis);
        await api.LoggedAsync("Redis is not reachable");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, "/alive"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(api, "/health"));
        using (var refused = await api.Http.PostPublishAsync("""{"topic":"a","data":1}"""))
        {
            await refused.DetailAsync(503);
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }

        // Clients are kept, not refused; what is published once Redis is there arrives.
        await using var early = await SseClient.OpenTopicsAsync(api.Http, "a");
        await redis.StartAsync();
        await api.HealthyAsync();
        await api.Http.PublishAsync("a", "1");
        Assert.Equal("1", (await early.NextAsync()).Data);
        Assert.Equal(1, api.Count("Redis is not reachable"));
        Assert.Equal(1, api.Count("Redis is reachable"));
    }

    private static async Task<HttpStatusCode> StatusAsync(ApiProcess api, string path)
    {
        using var response = await api.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
