using System.Net;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Http;

/// <summary>The limit of streams, on all ways.</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_stream_too_many_gets_503_with_a_time_to_come_back_and_a_place_that_is_free_again_is_given(string direct)
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__DirectSockets", direct), ("Sse__MaxConnections", "3"));
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SseClient.OpenTopicsAsync(api.Http, "a")));

        for (var i = 0; i < 2; i++)
        {
            using var refused = await api.Http.GetAsync(new Uri("/api/stream?topic=a", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Contains("All places", await refused.DetailAsync(503), StringComparison.Ordinal);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        }

        Assert.Equal(3, (await api.Http.StatsAsync()).GetProperty("connections").GetInt32());
        await api.Http.PublishAsync("a", "1");
        foreach (var client in clients)
            Assert.Equal("1", (await client.NextAsync()).Data);

        await clients[0].DisposeAsync();
        await Eventually.TrueAsync(async () => (await api.Http.StatsAsync()).GetProperty("connections").GetInt32() == 2, "the place is free");
        await using var late = await SseClient.OpenTopicsAsync(api.Http, "a");
        Assert.Equal(HttpStatusCode.OK, late.Response.StatusCode);
        foreach (var client in clients[1..])
            await client.DisposeAsync();
    }
}
