using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Cluster;

/// <summary>The limit of streams per user, over several replicas.</summary>
public sealed class UserLimitTests : IAsyncLifetime
{
    private const string Target = "/api/notifications?userId=7";

    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task The_oldest_stream_ends_on_whichever_replica_it_is_and_the_others_go_on()
    {
        await using var one = await StartAsync("EndOldest");
        await using var two = await StartAsync("EndOldest");
        await using var oldest = await OpenAsync(one, 1);
        await using var second = await OpenAsync(two, 2);
        await using var third = await SseClient.OpenAsync(two.Http, Target);

        await oldest.Ended.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        var replaced = await oldest.NextAsync();
        Assert.Equal(("replaced", """{"limit":2}"""), (replaced.EventType, replaced.Data));
        Assert.InRange(oldest.Retry, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3));
        await one.LoggedAsync(": replaced");

        await two.Http.PublishAsync("notifications:7", "1");
        Assert.Equal("1", (await second.NextAsync()).Data);
        Assert.Equal("1", (await third.NextAsync()).Data);
        Assert.Equal("2", await _redis.CliAsync("ZCARD", "sse:user:{u=7}"));
    }

    [Fact]
    public async Task The_newest_is_refused_with_429_until_a_place_is_free()
    {
        await using var one = await StartAsync("RefuseNewest");
        await using var two = await StartAsync("RefuseNewest");
        await using var first = await OpenAsync(one, 1);
        var second = await OpenAsync(two, 2);

        using (var refused = await two.Http.GetAsync(new Uri(Target, UriKind.Relative), TestContext.Current.CancellationToken))
        {
            Assert.Contains("too many open streams", await refused.DetailAsync(429), StringComparison.Ordinal);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        }

        await using (await SseClient.OpenAsync(two.Http, "/api/notifications?userId=8"))
        {
            // Another user's streams are another matter.
        }

        await second.DisposeAsync();
        await Eventually.TrueAsync(async () => await _redis.CliAsync("ZCARD", "sse:user:{u=7}") == "1", "the place is given back");
        await using var late = await SseClient.OpenAsync(one.Http, Target);
    }

    [Fact]
    public async Task The_places_of_a_killed_replica_are_free_again()
    {
        await using var one = await StartAsync("RefuseNewest");
        await using var two = await StartAsync("RefuseNewest");
        await using var first = await OpenAsync(one, 1);
        await using var second = await OpenAsync(one, 2);
        await one.SignalAsync("KILL");

        await Eventually.TrueAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, Target);
                using var response = await two.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                return response.IsSuccessStatusCode;
            },
            "a place is free",
            TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task One_process_without_Redis_knows_the_limit_too()
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__MaxStreamsPerUser", "1"));
        await using var older = await SseClient.OpenAsync(api.Http, Target);
        await using var newer = await SseClient.OpenAsync(api.Http, Target);

        await older.Ended.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        await api.Http.PublishAsync("notifications:7", "1");
        Assert.Equal("1", (await newer.NextAsync()).Data);
    }

    private async Task<ApiProcess> StartAsync(string policy)
    {
        var api = await ApiProcess.StartAsync(_redis, ("Sse__MaxStreamsPerUser", "2"), ("Sse__UserLimit", policy));
        await api.HealthyAsync();
        return api;
    }

    /// <summary>Opens a stream and waits until the register knows it, which a stream does not wait for where the oldest ends.</summary>
    private async Task<SseClient> OpenAsync(ApiProcess api, int streams)
    {
        var client = await SseClient.OpenAsync(api.Http, Target);
        await Eventually.TrueAsync(async () => await _redis.CliAsync("ZCARD", "sse:user:{u=7}") == $"{streams}", "the stream is registered");
        return client;
    }
}
