using SseScaling.Tests.Testing;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace SseScaling.Tests.Pages;

public sealed class MonitorTests(PagesCluster cluster) : IClassFixture<PagesCluster>
{
    private const float AppearMs = 3_000;
    private const float DeadlineMs = 15_000;

    [Fact]
    public async Task Figures_are_those_of_a_load_of_known_size()
    {
        const int Streams = 10;
        const int Events = 30;
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin);
        var page = await browser.OpenAsync("/monitor");
        var row = page.Locator("#replicas tr[data-instance=two]");

        // The pages of earlier tests have left, too.
        await Eventually.TrueAsync(
            async () => (await cluster.Http.StatsAsync()).GetProperty("connections").GetInt32() == 1, "this page's stream is the only one");
        var left = await LeftAsync(cluster.Replicas[0]) + await LeftAsync(cluster.Replicas[1]);
        var clients = new List<SseClient>();
        try
        {
            // The second replica, whose figures the monitor's own stream does not move.
            for (var stream = 0; stream < Streams; stream++)
                clients.Add(await SseClient.OpenTopicsAsync(cluster.Replicas[1].Http, "load"));
            await cluster.Http.PublishNumbersAsync("load", 1, Events);
            foreach (var client in clients)
                await client.TakeAsync(Events);

            await Expect(row.Locator("td").Nth(1)).ToHaveTextAsync("10", new() { Timeout = DeadlineMs });
            await Expect(row.Locator("td").Nth(3)).ToHaveAttributeAsync("title", "300 since the start", new() { Timeout = DeadlineMs });
            await Expect(row.Locator("td").Nth(2)).ToHaveAttributeAsync("title", "30 since the start");
            await Expect(page.Locator("#connections")).ToHaveTextAsync("11", new() { Timeout = DeadlineMs });
            await Expect(page.Locator("#latency")).ToContainTextAsync("ms");
            var stats = await cluster.Replicas[1].Http.StatsAsync();
            Assert.Equal((Streams, Streams * Events), (stats.GetProperty("connections").GetInt32(), stats.GetProperty("eventsOut").GetInt32()));
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }

        await Expect(page.Locator("#reasons")).ToContainTextAsync($"client\n{left + Streams}\n", new() { Timeout = DeadlineMs, UseInnerText = true });
        Assert.Empty(browser.Errors);
    }

    private static async Task<int> LeftAsync(ApiProcess replica) =>
        (await replica.Http.StatsAsync()).GetProperty("disconnects").GetProperty("client").GetInt32();

    [Fact]
    public async Task Replicas_appear_and_vanish_within_three_seconds()
    {
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin);
        var page = await browser.OpenAsync("/monitor");
        var row = page.Locator("#replicas tr[data-instance=brief]");

        var replica = await cluster.StartAsync("brief");
        await Expect(row).ToHaveCountAsync(1, new() { Timeout = AppearMs });
        await Expect(row.Locator("td").First).ToHaveTextAsync("ready · redis");
        await replica.SignalAsync("KILL");

        await Expect(row).ToHaveCountAsync(0, new() { Timeout = AppearMs });
        Assert.Empty(browser.Errors);
    }
}

public sealed class MonitorFaultTests
{
    private const float DeadlineMs = 15_000;

    [Fact]
    public async Task Redis_away_is_a_banner_and_the_replicas_stay()
    {
        await using var cluster = new PagesCluster();
        await cluster.InitializeAsync();
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin);
        var page = await browser.OpenAsync("/monitor");
        await Expect(page.Locator("#replicas tr")).ToHaveCountAsync(2, new() { Timeout = DeadlineMs });

        await cluster.Redis.KillAsync();
        await Expect(page.Locator("#warnings")).ToContainTextAsync("Redis is away", new() { Timeout = DeadlineMs });
        await Expect(page.Locator("#replicas tr")).ToHaveCountAsync(2);
        await Expect(page.Locator("#badge")).ToHaveTextAsync("live");
        await Axe.FindsNothingAsync(page);
        await cluster.Redis.StartAsync();

        await Expect(page.Locator("#warnings li")).ToHaveCountAsync(0, new() { Timeout = 2 * DeadlineMs });
        await Expect(page.Locator("#replicas tr")).ToHaveCountAsync(2, new() { Timeout = DeadlineMs });
        Assert.Empty(browser.Errors);
    }
}
