using System.Text.Json;
using Microsoft.Playwright;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Pages;

/// <summary>The npm package <c>axe-core</c> looks at the pages with content in them.</summary>
public sealed class AccessibilityTests(PagesCluster cluster) : IClassFixture<PagesCluster>
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Pages", "axe");
    private static readonly string Script = Path.Combine(Folder, "node_modules", "axe-core", "axe.min.js");
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("/?user=reader", ColorScheme.Light)]
    [InlineData("/?user=reader", ColorScheme.Dark)]
    [InlineData("/monitor", ColorScheme.Light)]
    [InlineData("/monitor", ColorScheme.Dark)]
    public async Task Axe_finds_nothing(string path, ColorScheme scheme)
    {
        await InstallAsync();
        await using var browser = await cluster.Chromium.OpenAsync(cluster.Origin, new() { ColorScheme = scheme });
        var page = await browser.OpenAsync(path);
        foreach (var type in new[] { "like", "follow", "new-post", "message", "other" })
            await cluster.Http.PublishAsync("notifications:reader", $$"""{"type":"{{type}}","userId":"1","postId":"1","text":"hello"}""");
        await Assertions.Expect(page.Locator(path == "/monitor" ? "#replicas tr" : "#feed .item").Nth(1)).ToBeVisibleAsync(new() { Timeout = 15_000 });
        if (path != "/monitor")
            await page.ClickAsync("summary");

        // The browser's own evaluation is not subject to the page's policy.
        await page.EvaluateAsync(await File.ReadAllTextAsync(Script, TestContext.Current.CancellationToken));
        var result = await page.EvaluateAsync<JsonElement>("axe.run().then(result => ({ passes: result.passes.length, violations: result.violations }))");

        Assert.True(result.GetProperty("passes").GetInt32() > 10);
        var violations = result.GetProperty("violations").EnumerateArray()
            .SelectMany(rule => rule.GetProperty("nodes").EnumerateArray().Select(node => $"{rule.GetProperty("id")}: {node.GetProperty("html")}"));
        Assert.Empty(violations);
    }

    private static async Task InstallAsync()
    {
        if (File.Exists(Script))
            return;
        await using var npm = Tool.Start("npm", Folder, "ci", "--no-audit", "--no-fund");
        await npm.SucceedAsync(InstallDeadline);
    }
}
