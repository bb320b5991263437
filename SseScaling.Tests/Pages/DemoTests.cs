using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using SseScaling.Tests.Testing;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace SseScaling.Tests.Pages;

public sealed class DemoTests(PagesCluster cluster) : IClassFixture<PagesCluster>
{
    private const float SecondMs = 1_000;
    private const float DeadlineMs = 15_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_like_is_seen_in_the_other_browser_within_a_second()
    {
        await using var one = await cluster.Chromium.OpenAsync(cluster.Origin);
        await using var two = await cluster.Chromium.OpenAsync(PagesCluster.At(cluster.Replicas[1]));
        var author = await one.OpenAsync("/?user=author-a");
        var fan = await two.OpenAsync("/?user=fan-a");

        await fan.FillAsync("#other", "author-a");
        await fan.ClickAsync("text=Like a post");

        await Expect(author.Locator("#feed .like")).ToContainTextAsync("User fan-a likes your post", new() { Timeout = SecondMs });
        await Expect(author.Locator("#unread")).ToHaveTextAsync("1");
        await Expect(fan.Locator("#said")).ToHaveTextAsync("You like a post of user author-a.");
        await author.ClickAsync("#bell");
        await Expect(author.Locator("#unread")).ToBeHiddenAsync();
        Assert.Empty(one.Errors);
        Assert.Empty(two.Errors);
    }

    [Fact]
    public async Task Followers_get_a_post()
    {
        await using var one = await cluster.Chromium.OpenAsync(cluster.Origin);
        await using var two = await cluster.Chromium.OpenAsync(PagesCluster.At(cluster.Replicas[1]));
        var author = await one.OpenAsync("/?user=author-b");
        var fan = await two.OpenAsync("/?user=fan-b");

        await fan.FillAsync("#other", "author-b");
        await fan.ClickAsync("text=Follow");
        await Expect(author.Locator("#feed .follow")).ToContainTextAsync("User fan-b follows you", new() { Timeout = DeadlineMs });
        await author.ClickAsync("#post");

        await Expect(fan.Locator("#feed .new-post")).ToContainTextAsync("User author-b posted", new() { Timeout = DeadlineMs });
        Assert.Empty(one.Errors);
        Assert.Empty(two.Errors);
    }

    [Fact]
    public async Task Ten_tabs_share_one_stream_and_the_next_one_takes_over()
    {
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin);
        var tabs = new List<IPage>();
        for (var tab = 0; tab < 10; tab++)
            tabs.Add(await browser.OpenAsync("/?user=tabs"));
        Assert.Equal(1, cluster.Replicas[0].Count("listens to user tabs "));

        await PublishAsync("tabs", 1, 20);
        foreach (var tab in tabs)
            await Expect(tab.Locator("#received")).ToHaveTextAsync("20", new() { Timeout = DeadlineMs });
        await tabs[0].CloseAsync();
        await PublishAsync("tabs", 21, 20);

        foreach (var tab in tabs.Skip(1))
            await Expect(tab.Locator("#received")).ToHaveTextAsync("40", new() { Timeout = DeadlineMs });
        await ExpectNothingMissedAsync(tabs[9], 40);
        var late = await browser.OpenAsync("/?user=tabs");
        await Expect(late.Locator("#received")).ToHaveTextAsync("40", new() { Timeout = DeadlineMs });
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Dropped_and_paused_streams_miss_nothing()
    {
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin);
        var page = await browser.OpenAsync("/?user=breaker");
        await PublishAsync("breaker", 1, 10);
        await Expect(page.Locator("#checked")).ToHaveTextAsync("10", new() { Timeout = DeadlineMs });

        await page.ClickAsync("#drop");
        await PublishAsync("breaker", 11, 10);
        await Expect(page.Locator("#checked")).ToHaveTextAsync("20", new() { Timeout = DeadlineMs });
        await page.ClickAsync("#pause");
        await Expect(page.Locator("#pause")).ToHaveTextAsync("Read again");
        await PublishAsync("breaker", 21, 10);
        await page.ClickAsync("#drop");
        await page.ClickAsync("#pause");

        await ExpectNothingMissedAsync(page, 30);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_replica_killed_at_50_events_per_second_loses_and_repeats_nothing()
    {
        var doomed = await cluster.StartAsync("doomed");
        await using var proxy = new FailoverProxy(doomed.Port, cluster.Replicas[0].Port);
        await using var browser = await cluster.Chromium.OpenAsync(proxy.Address);
        var page = await browser.OpenAsync("/?user=survivor");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var seq = 1; seq <= 200; seq++)
        {
            await timer.WaitForNextTickAsync(Cancellation);
            await PublishAsync("survivor", seq, 1);
            if (seq == 80)
                await doomed.SignalAsync("KILL");
        }

        await ExpectNothingMissedAsync(page, 200);
        Assert.True(doomed.HasExited);
    }

    [Fact]
    public async Task A_replica_that_is_stopped_from_the_page_hands_its_stream_over()
    {
        var stopped = await cluster.StartAsync("stopped", ("Demo__CanStopReplicas", "true"));
        await Eventually.TrueAsync(
            async () => (await stopped.Http.GetStringAsync("/api/stats", Cancellation)).Contains("\"one\"", StringComparison.Ordinal), "it knows the others");
        await using var proxy = new FailoverProxy(stopped.Port, cluster.Replicas[0].Port);
        await using var browser = await cluster.Chromium.OpenAsync(proxy.Address);
        var page = await browser.OpenAsync("/?user=mover");
        await PublishAsync("mover", 1, 10);
        await Expect(page.Locator("#checked")).ToHaveTextAsync("10", new() { Timeout = DeadlineMs });
        await Expect(page.Locator("#replica")).ToHaveTextAsync("stopped");

        await page.ClickAsync("text=Stop my replica");
        await Expect(page.Locator("#stopped")).ToContainTextAsync("stopped stops");
        await PublishAsync("mover", 11, 10);

        await ExpectNothingMissedAsync(page, 20);
        Assert.Equal(0, await stopped.ExitAsync(TimeSpan.FromMilliseconds(DeadlineMs)));

        // The other replica does not allow it, so there is nothing to press.
        await Expect(page.Locator("#stop")).ToBeHiddenAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Http.PostAsJsonAsync("/api/demo/stop", new { instance = "one" }, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Hostile_content_is_text()
    {
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin);
        var page = await browser.OpenAsync("/?user=target");
        string[] hostile =
        [
            "<img src=x onerror=\"document.title='owned'\">", "<script>document.title='owned'</script>", "\u202Eright to left \u05D0\u05D1", "👩‍👩‍👧‍👦 emoji",
            "javascript:alert(1)", new('x', 60_000), "line\nbreak\u0000\u2028",
        ];
        foreach (var text in hostile)
        {
            var data = JsonSerializer.Serialize(new { type = "message", userId = text[..Math.Min(text.Length, 40)], text });
            await cluster.Http.PublishAsync("notifications:target", data);
        }

        foreach (var odd in new[] { "null", "[]", "\"text\"", "7", """{"type":"like","userId":{},"postId":[]}""", """{"type":"like","userId":null}""" })
            await cluster.Http.PublishAsync("notifications:target", odd);

        var count = (hostile.Length + 6).ToString(CultureInfo.InvariantCulture);
        await Expect(page.Locator("#received")).ToHaveTextAsync(count, new() { Timeout = DeadlineMs });
        await Expect(page.Locator("#feed .item")).ToHaveCountAsync(hostile.Length + 6);
        await Expect(page.Locator("#feed")).ToContainTextAsync("<img src=x onerror=");
        await Expect(page.Locator("#feed")).ToContainTextAsync("(60,000 characters)");
        Assert.Equal(0, await page.Locator("main img, main script").CountAsync());
        Assert.Equal("User target · SseScaling", await page.TitleAsync());
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Lists_are_bounded()
    {
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin);
        var page = await browser.OpenAsync("/?user=busy");

        for (var first = 1; first <= 1_000; first += 250)
            await PublishAsync("busy", first, 250);

        await ExpectNothingMissedAsync(page, 1_000);
        await Expect(page.Locator("#feed > li")).ToHaveCountAsync(100);
        await Expect(page.Locator("#raw > li")).ToHaveCountAsync(100);
        await Expect(page.Locator("#unread")).ToHaveTextAsync("999+");
    }

    [Theory]
    [InlineData("/?user=phone", ColorScheme.Light)]
    [InlineData("/monitor", ColorScheme.Dark)]
    public async Task On_a_phone_nothing_is_wider_than_the_screen(string path, ColorScheme scheme)
    {
        await using var browser = await cluster.Chromium.OpenAsync(
            cluster.Origin, new() { ViewportSize = new() { Width = 360, Height = 740 }, IsMobile = true, HasTouch = true, ColorScheme = scheme });
        var page = await browser.OpenAsync(path);
        await PublishAsync("phone", 1, 5);

        Assert.Equal(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task The_keyboard_is_enough()
    {
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin);
        var page = await browser.OpenAsync("/?user=keys");
        await PublishAsync("keys", 1, 1);
        await Expect(page.Locator("#unread")).ToHaveTextAsync("1", new() { Timeout = DeadlineMs });

        for (var step = 0; step < 3; step++)
            await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("#bell")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("#unread")).ToBeHiddenAsync();
        Assert.Empty(browser.Errors);
    }

    /// <summary>Events as the publisher numbers them.</summary>
    private async Task PublishAsync(string user, int first, int count)
    {
        var events = Enumerable.Range(first, count).Select(seq => string.Create(
            CultureInfo.InvariantCulture, $$"""{"topic":"notifications:{{user}}","data":{"type":"like","userId":"1","postId":"1","seq":{{seq}},"run":"r"} }"""));
        await cluster.Http.PublishBodyAsync($"[{string.Join(',', events)}]");
    }

    private static async Task ExpectNothingMissedAsync(IPage page, int count)
    {
        await Expect(page.Locator("#checked")).ToHaveTextAsync(count.ToString("N0", CultureInfo.InvariantCulture), new() { Timeout = 2 * DeadlineMs });
        await Expect(page.Locator("#lost")).ToHaveTextAsync("0");
        await Expect(page.Locator("#repeated")).ToHaveTextAsync("0");
        await Expect(page.Locator("#gaps")).ToHaveTextAsync("0");
    }
}
