using Aspire.Hosting.ApplicationModel;
using LocalAspire.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace LocalAspire.Tests.Dashboard;

/// <summary>The pages about the processes, in a browser.</summary>
public sealed class ResourcePageTests(DashboardFixture fixture)
{
    [Fact]
    public async Task A_replica_that_dies_and_comes_back_is_seen()
    {
        var application = await fixture.ApplicationAsync();
        var id = Replicas(application)[1];
        await using var browser = await fixture.OpenAsync("/");
        var row = browser.Page.Locator($"tr[data-instance={id}]");
        var group = browser.Page.Locator("tr.group");
        await Expect(row).ToContainTextAsync("Running");
        await Expect(group).ToContainTextAsync("3 of 3 running");

        Assert.True(application.ResourceNotifications.TryGetCurrentState(id, out var state));
        PosixSignals.SendToProcess(EchoApplication.ProcessId(state.Snapshot), PosixSignals.Kill);

        await Expect(row).ToContainTextAsync("Finished (exit code 137)");
        await Expect(group).ToContainTextAsync("2 of 3 running");
        await browser.ShootAsync("resources");
        await row.GetByRole(AriaRole.Button, new() { Name = $"Start {id}", Exact = true }).ClickAsync();
        await Expect(group).ToContainTextAsync("3 of 3 running");
    }

    [Fact]
    public async Task Details_mask_secrets_until_they_are_asked_for()
    {
        var id = Replicas(await fixture.ApplicationAsync())[0];
        await using var browser = await fixture.OpenAsync($"/?resource={id}", isDark: true);
        var drawer = browser.Page.GetByRole(AriaRole.Complementary);
        var row = drawer.Locator("tr", new() { HasText = "FROM_PARAMETER" });
        await Expect(row).ToContainTextAsync("••••••••");
        Assert.DoesNotContain(DashboardFixture.Secret, await browser.Page.ContentAsync(), StringComparison.Ordinal);
        await browser.ShootAsync("details-dark");

        await row.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(row).ToContainTextAsync(DashboardFixture.Secret);
        await browser.Page.Keyboard.PressAsync("Escape");
        await Expect(drawer).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_console_is_followed_and_searched()
    {
        var application = await fixture.ApplicationAsync();
        var id = Replicas(application)[2];
        var logger = application.Services.GetRequiredService<ResourceLoggerService>().GetLogger(id);
        await using var browser = await fixture.OpenAsync($"/consolelogs/resource/{id}");
        await Expect(browser.Page.GetByText("Application started", new() { Exact = false })).ToBeVisibleAsync();

        for (var i = 0; i < 12_000; i++)
            TestLines.Write(logger, i);

        await Expect(browser.Page.GetByText("line 11999.")).ToBeVisibleAsync();
        Assert.InRange(await browser.Page.Locator(".line").CountAsync(), 10, 100);
        await browser.Page.GetByLabel("Search the lines").FillAsync("LINE 11998.");
        await Expect(browser.Page.Locator(".line")).ToHaveCountAsync(1);
        await Expect(browser.Page.Locator("mark")).ToHaveTextAsync("line 11998.");
        await browser.ShootAsync("console");
    }

    [Fact]
    public async Task Without_the_token_there_is_only_the_login_page()
    {
        var dashboard = await fixture.DashboardAsync();
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(dashboard.Url) };
        var cancellation = TestContext.Current.CancellationToken;

        Assert.Equal("/login?returnUrl=%2Ftraces%3Fa%3Db", (await client.GetAsync("/traces?a=b", cancellation)).Headers.Location?.OriginalString);
        Assert.Equal(401, (int)(await client.GetAsync("/api/telemetry/logs", cancellation)).StatusCode);
        Assert.Equal(401, (int)(await client.GetAsync("/login?t=wrong", cancellation)).StatusCode);
        Assert.Equal("/", (await client.GetAsync($"/login?t={DashboardFixture.Token}&returnUrl=//elsewhere.example", cancellation)).Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Another_site_cannot_reach_it()
    {
        using var client = await fixture.ClientAsync();
        var id = Replicas(await fixture.ApplicationAsync())[0];
        using var stop = new HttpRequestMessage(HttpMethod.Post, $"/api/resources/{id}/commands/stop") { Headers = { { "Origin", "http://localhost:1" } } };
        using var renamed = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "elsewhere.example" } };

        Assert.Equal(403, (int)(await client.SendAsync(stop, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(400, (int)(await client.SendAsync(renamed, TestContext.Current.CancellationToken)).StatusCode);
    }

    private static IReadOnlyList<string> Replicas(Aspire.Hosting.DistributedApplication application) =>
        application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == "echo").GetInstanceIds();
}
