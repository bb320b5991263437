using Microsoft.Playwright;
using SseScaling.Tests.Testing;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace SseScaling.Tests.Pages;

/// <summary>The page that shows the API's description.</summary>
public sealed class ScalarTests
{
    private const float DeadlineMs = 30_000;

    [Fact]
    public async Task It_shows_the_API_and_sends_requests_with_nothing_from_elsewhere()
    {
        await using var api = await ApiProcess.StartAsync(null, ("DOTNET_ENVIRONMENT", "Development"));
        await using var chromium = new Chromium();
        await chromium.InitializeAsync();
        await using var browser = await chromium.OpenAsync(PagesCluster.At(api));

        var page = await browser.VisitAsync("/scalar#tag/figures/GET/api/stats");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This replica and the whole cluster in figures" })).ToBeVisibleAsync(new() { Timeout = DeadlineMs });
        await page.GetByRole(AriaRole.Button, new() { Name = "Test Request (get /api/stats)" }).ClickAsync();
        var send = page.GetByRole(AriaRole.Button, new() { Name = "Send" }).First;
        var answer = await page.RunAndWaitForResponseAsync(() => send.ClickAsync(), "**/api/stats", new() { Timeout = DeadlineMs });

        Assert.Equal(200, answer.Status);
        // The page's policy blocks whatever is not of this origin, which would be an error here.
        Assert.Empty(browser.Errors);
    }
}
