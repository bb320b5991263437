using System.Text.Json;
using Microsoft.Playwright;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Pages;

/// <summary>The npm package <c>axe-core</c>, that knows what in a page keeps people from using it.</summary>
internal static class Axe
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Pages", "axe");
    private static readonly string Script = Path.Combine(Folder, "node_modules", "axe-core", "axe.min.js");
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(2);
    private static readonly SemaphoreSlim OneInstalls = new(1);

    /// <summary>It finds nothing in the page as it is now.</summary>
    public static async Task FindsNothingAsync(IPage page)
    {
        await InstallAsync();
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
        await OneInstalls.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (File.Exists(Script))
                return;
            await using var npm = Tool.Start("npm", Folder, "ci", "--no-audit", "--no-fund");
            await npm.SucceedAsync(InstallDeadline);
        }
        finally
        {
            OneInstalls.Release();
        }
    }
}
