using SseScaling.Tests.Pages;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Cluster;

/// <summary>A browser's EventSource that is disconnected, on both ways.</summary>
public sealed class ForGoodTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Subscribe = """
        () => {
          window.opened = 0;
          window.received = [];
          window.source = new EventSource('/api/notifications?userId=42');
          source.onopen = () => opened++;
          source.onmessage = (event) => received.push(event.data);
        }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task It_comes_back_but_stops_by_itself_when_it_was_for_good(string direct)
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var api = await ApiProcess.StartAsync(redis, ("Sse__DirectSockets", direct), ("Sse__Retry", "00:00:00.1"));
        await using var member = await ClusterMember.StartAsync(redis, replicas: 2);
        await using var browser = await chromium.OpenAsync(api.Addresses[0]);
        var page = await browser.OpenEmptyAsync();
        await page.EvaluateAsync(Subscribe);
        await page.WaitForFunctionAsync("() => opened === 1");

        await member.Connections.DisconnectAsync(SseTarget.User("42"), cancellationToken: Cancellation);
        await page.WaitForFunctionAsync("() => opened === 2");
        await api.Http.PublishAsync("notifications:42", "1");
        await page.WaitForFunctionAsync("() => received.length === 1");
        await member.Connections.DisconnectAsync(SseTarget.User("42"), forGood: true, Cancellation);

        await page.WaitForFunctionAsync("() => source.readyState === EventSource.CLOSED");
        Assert.Equal((2, "1"), (await page.EvaluateAsync<int>("opened"), await page.EvaluateAsync<string>("received.join()")));
        Assert.Empty(await member.Connections.ListAsync(SseTarget.User("42"), Cancellation));
    }
}
