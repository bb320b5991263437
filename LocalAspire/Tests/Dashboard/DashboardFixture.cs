using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using LocalAspire.Dashboard;
using LocalAspire.Tests.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(DashboardFixture))]

namespace LocalAspire.Tests.Dashboard;

/// <summary>An application with three replicas, its dashboard, and a browser; started once, by the first test that asks.</summary>
public sealed class DashboardFixture : IAsyncDisposable
{
    public const string Token = "a-token-of-the-tests";
    public const string OtlpKey = "a-key-of-the-tests";
    public const string Secret = "never-shown";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Lazy<Task<DistributedApplication>> _application = new(StartAsync);
    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _browser = new(OpenBrowserAsync);

    internal async Task<DashboardHost> DashboardAsync() => (await _application.Value).Services.GetRequiredService<DashboardService>().Host!;

    public Task<DistributedApplication> ApplicationAsync() => _application.Value;

    /// <summary>A client of the dashboard's API, which sends the token.</summary>
    public async Task<HttpClient> ClientAsync()
    {
        var client = new HttpClient { BaseAddress = new Uri((await DashboardAsync()).Url) };
        client.DefaultRequestHeaders.Add("x-api-key", Token);
        return client;
    }

    /// <summary>A new browser session, logged in, at a page. What its script throws fails the test.</summary>
    public async Task<BrowserPage> OpenAsync(string path, bool isDark = false) => await OpenAsync(await DashboardAsync(), path, isDark);

    /// <summary>The same of another application's dashboard, which has the same token.</summary>
    internal async Task<BrowserPage> OpenAsync(DashboardHost dashboard, string path, bool isDark = false)
    {
        var (_, browser) = await _browser.Value;
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = 1400, Height = 800 },
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout((float)TimeSpan.FromSeconds(20).TotalMilliseconds);
        var opened = new BrowserPage(context, page);
        await page.GotoAsync($"{dashboard.Url}/login?t={Token}&returnUrl={Uri.EscapeDataString(path)}");
        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser.IsValueCreated)
        {
            var (playwright, browser) = await _browser.Value;
            await browser.CloseAsync();
            playwright.Dispose();
        }

        if (_application.IsValueCreated)
            await (await _application.Value).DisposeAsync();
    }

    private static async Task<DistributedApplication> StartAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        string[] args =
        [
            "--ASPNETCORE_URLS=http://localhost:0", "--Echo:Replicas=3", $"--AppHost:BrowserToken={Token}", $"--AppHost:OtlpApiKey={OtlpKey}",
            $"--Parameters:secret={Secret}",
        ];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.EchoAppHost>(
            args, (options, _) => options.DisableDashboard = false, deadline.Token);
        var application = await builder.BuildAsync(deadline.Token);
        await application.StartAsync(deadline.Token);
        await application.ResourceNotifications.WaitForResourceAsync("caller", KnownResourceStates.Running, deadline.Token);
        return application;
    }

    private static async Task<(IPlaywright Playwright, IBrowser Browser)> OpenBrowserAsync()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var program = names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("There is no chromium on the PATH; ./test installs it, or: apt-get install chromium.");
        var playwright = await Playwright.CreateAsync();
        // Root, as in a container, has no sandbox for Chromium.
        return (playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-gpu"],
        }));
    }
}

/// <summary>A page of the dashboard in a browser; its screenshot and its errors come with its end.</summary>
public sealed class BrowserPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

    public BrowserPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _errors.Add(error);
    }

    public IPage Page { get; }

    /// <summary>Kept with the test's results.</summary>
    public async Task ShootAsync(string name)
    {
        var picture = await Page.ScreenshotAsync();
        TestContext.Current.AddAttachment($"{name}.png", picture, "image/png");
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "screenshots"));
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, $"{name}.png"), picture, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        Assert.Empty(_errors);
    }
}
