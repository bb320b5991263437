using Microsoft.Playwright;
using Xunit;

namespace SseScaling.Tests.Pages;

/// <summary>A headless Chromium of this machine. Each context that it opens is a browser of its own to the pages.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    /// <summary>More of its command line.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        // Without a sandbox it runs as root too; what it opens is only this project's own pages.
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Find(), Args = ["--no-sandbox", .. Arguments] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Another browser, to the pages.</summary>
    public async Task<BrowserSession> OpenAsync(Uri origin, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.BaseURL = origin.ToString();
        return new BrowserSession(await _browser!.NewContextAsync(options));
    }

    private static string Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.True(found is not null, "Chromium is needed for this test and is not on the PATH: install it.");
        return found;
    }
}

/// <summary>One browser with its tabs, and what went wrong in them.</summary>
public sealed class BrowserSession(IBrowserContext context) : IAsyncDisposable
{
    private readonly List<string> _errors = [];

    /// <summary>Uncaught errors, console errors and blocked content of all tabs.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_errors)
                return [.. _errors];
        }
    }

    /// <summary>Opens one of the project's own pages; returns when its stream is live.</summary>
    public async Task<IPage> OpenAsync(string path)
    {
        var page = await VisitAsync(path);
        await Assertions.Expect(page.Locator("#badge")).ToHaveTextAsync("live", new() { Timeout = 15_000 });
        return page;
    }

    /// <summary>Opens any page.</summary>
    public async Task<IPage> VisitAsync(string path)
    {
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => Keep(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                Keep(message.Text);
        };
        await page.GotoAsync(path);
        return page;
    }

    /// <summary>Opens a page of an origin that nobody serves.</summary>
    public async Task<IPage> OpenForeignAsync(string origin, string body)
    {
        var page = await context.NewPageAsync();
        await page.RouteAsync($"{origin}/**", route => route.FulfillAsync(new() { ContentType = "text/html", Body = body }));
        await page.GotoAsync($"{origin}/");
        return page;
    }

    /// <summary>A page of the origin without any script of its own.</summary>
    public async Task<IPage> OpenEmptyAsync()
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync("/alive");
        return page;
    }

    public ValueTask DisposeAsync() => context.DisposeAsync();

    private void Keep(string error)
    {
        lock (_errors)
            _errors.Add(error);
    }
}
