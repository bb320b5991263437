using Microsoft.Playwright;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Pages;

/// <summary>The pages with content in them.</summary>
public sealed class AccessibilityTests(PagesCluster cluster) : IClassFixture<PagesCluster>
{
    [Theory]
    [InlineData("/?user=reader", ColorScheme.Light)]
    [InlineData("/?user=reader", ColorScheme.Dark)]
    [InlineData("/monitor", ColorScheme.Light)]
    [InlineData("/monitor", ColorScheme.Dark)]
    public async Task Axe_finds_nothing(string path, ColorScheme scheme)
    {
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin, new() { ColorScheme = scheme });
        var page = await browser.OpenAsync(path);
        foreach (var type in new[] { "like", "follow", "new-post", "message", "other" })
            await cluster.Http.PublishAsync("notifications:reader", $$"""{"type":"{{type}}","userId":"1","postId":"1","text":"hello"}""");
        await Assertions.Expect(page.Locator(path == "/monitor" ? "#replicas tr" : "#feed .item").Nth(1)).ToBeVisibleAsync(new() { Timeout = 15_000 });
        if (path != "/monitor")
            await page.ClickAsync("summary");

        await Axe.FindsNothingAsync(page);
    }
}
