using SseScaling.Tests.Pages;
using SseScaling.Tests.Testing;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace SseScaling.Tests.Access;

/// <summary>The demo where one must be signed in: a right that ends, is renewed and is revoked, as a person sees it.</summary>
public sealed class DemoRightTests(GuardedReplicas replicas) : IClassFixture<GuardedReplicas>
{
    private const float DeadlineMs = 30_000;

    [Fact]
    public async Task It_signs_in_renews_its_right_misses_nothing_and_ends_when_that_is_revoked()
    {
        await using var api = await replicas.StartAsync(("Access__DemoSignIn", "true"), ("Access__SessionLifetime", "00:00:08"));
        await api.HealthyAsync();
        await using var chromium = new Chromium();
        await chromium.InitializeAsync();
        await using var browser = await chromium.OpenAsync(PagesCluster.At(api));
        using var publisher = new HttpClient { BaseAddress = api.Http.BaseAddress };
        publisher.DefaultRequestHeaders.Authorization = new("Bearer", replicas.Issuer.Token("service", new Dictionary<string, object> { ["sse_pub"] = (string[])["*"] }));
        var page = await browser.VisitAsync("/?user=dora");
        await Expect(page.Locator("#session")).ToHaveTextAsync("Nobody is signed in.");
        await Expect(page.Locator("#badge")).ToHaveAttributeAsync("data-state", "failed");
        await Axe.FindsNothingAsync(page);

        await page.ClickAsync("#sign-in");
        await Expect(page.Locator("#badge")).ToHaveTextAsync("live", new() { Timeout = DeadlineMs });
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var published = 0;
        while (await page.GetByText("It was renewed 2 times.").CountAsync() == 0)
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            await publisher.PublishAsync("notifications:dora", $$"""{"type":"message","run":"r","seq":{{++published}}}""");
        }

        await Expect(page.Locator("#checked")).ToHaveTextAsync($"{published}", new() { Timeout = DeadlineMs });
        await Expect(page.Locator("#lost")).ToHaveTextAsync("0");
        await Expect(page.Locator("#repeated")).ToHaveTextAsync("0");
        await page.ClickAsync("#revoke");
        await Expect(page.Locator("#session")).ToContainTextAsync("The right was revoked");
        await Expect(page.Locator("#badge")).ToHaveTextAsync("The stream has ended for good.", new() { Timeout = DeadlineMs });
    }

    [Fact]
    public async Task Nobody_is_signed_in_as_anybody_but_in_Development_on_this_machine()
    {
        var production = await Assert.ThrowsAnyAsync<Exception>(() => replicas.StartAsync(("Access__DemoSignIn", "true"), ("DOTNET_ENVIRONMENT", "Production")));
        Assert.Contains("Access:DemoSignIn lets everybody sign in as anybody: it is for Development.", production.Message, StringComparison.Ordinal);

        var open = await Assert.ThrowsAnyAsync<Exception>(() => replicas.StartAsync(("Access__DemoSignIn", "true"), ("ASPNETCORE_URLS", "http://0.0.0.0:0")));
        Assert.Contains("can be reached from elsewhere", open.Message, StringComparison.Ordinal);
    }
}
