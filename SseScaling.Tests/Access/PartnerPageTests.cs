using System.Globalization;
using System.Net.Http.Headers;
using SseScaling.Tests.Pages;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>A page of an origin that the replica was told of, with a token in its memory and nothing else.</summary>
public sealed class PartnerPageTests(GuardedReplicas replicas) : IClassFixture<GuardedReplicas>
{
    private const string Partner = "http://partner.example";

    private static readonly string[] Topic = ["partners"];

    /// <summary>What docs/library.md tells such pages to do.</summary>
    private const string Script =
        """
        api => {
            window.got = [];
            window.opened = 0;
            let last = '';
            const open = async () => {
                const answer = await fetch(`${api}api/stream/ticket?topic=partners`, { method: 'POST', headers: { Authorization: `Bearer ${await token()}` } });
                const { ticket } = await answer.json();
                const source = new EventSource(`${api}api/stream?topic=partners&ticket=${ticket}&lastEventId=${encodeURIComponent(last)}`);
                source.onopen = () => window.opened++;
                source.onmessage = event => { last = event.lastEventId; window.got.push(Number(event.data)); };
                source.onerror = () => { if (source.readyState === EventSource.CLOSED) open(); };
            };
            return open();
        }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_EventSource_reads_by_tickets_and_misses_nothing_when_its_right_ends()
    {
        await using var api = await replicas.StartAsync(("Access__Origins__0", Partner));
        await api.HealthyAsync();
        await using var chromium = new Chromium { Arguments = ["--disable-features=LocalNetworkAccessChecks"] };
        await chromium.InitializeAsync();
        await using var browser = await chromium.OpenAsync(new Uri(Partner));
        var page = await browser.OpenForeignAsync(Partner, "<p>partner</p>");
        await page.ExposeFunctionAsync("token", () => replicas.Issuer.Token("partner", new Dictionary<string, object> { ["sse_sub"] = Topic }, life: TimeSpan.FromSeconds(6)));
        using var publisher = new HttpClient { BaseAddress = api.Http.BaseAddress };
        publisher.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Issuer.Token("service", new Dictionary<string, object> { ["sse_pub"] = Topic }));

        await page.EvaluateAsync(Script, api.Addresses[0].ToString());
        await page.WaitForFunctionAsync("window.opened === 1");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var published = 0;
        while (await page.EvaluateAsync<int>("window.opened") < 3)
        {
            await timer.WaitForNextTickAsync(Cancellation);
            await publisher.PublishAsync("partners", (++published).ToString(CultureInfo.InvariantCulture));
        }

        await page.WaitForFunctionAsync($"window.got.at(-1) === {published}");
        Assert.Equal(Enumerable.Range(1, published), await page.EvaluateAsync<int[]>("window.got"));
    }
}
