using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting.Testing;
using LocalAspire.Tests.Redis;
using Microsoft.Playwright;
using StackExchange.Redis;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace LocalAspire.Tests.Dashboard;

/// <summary>What the dashboard says of the running system.</summary>
public sealed class WholeSystemTests(DashboardFixture fixture, WholeSystem system) : IClassFixture<WholeSystem>
{
    private const string DurationQuery = "meter=SseScaling.Delivery&instrument=sse.delivery.duration";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_is_followed_from_its_publishing_on_one_replica_to_its_delivery_by_another()
    {
        const string traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        var (receiving, publishing) = (system.Api[0], system.Api[1]);
        using var http = new HttpClient();
        using var stream = await WholeSystem.OpenAsync(http, receiving.Address, "traced", Cancellation);

        using var publish = new HttpRequestMessage(HttpMethod.Post, new Uri(publishing.Address, "/api/publish"))
        {
            Headers = { { "traceparent", $"00-{traceId}-00f067aa0ba902b7-01" } },
            Content = JsonContent.Create(new { topic = "traced", data = new { type = "like" } }),
        };
        (await http.SendAsync(publish, Cancellation)).EnsureSuccessStatusCode();
        await WholeSystem.ReadAsync(stream, 1, Cancellation);
        using var api = Client();
        await Wait.UntilAsync(async () => await SpansAsync(api, traceId) == 3, "the dashboard has the three spans");

        await using var traces = await fixture.OpenAsync(system.Dashboard, $"/traces?search={traceId}");
        await traces.Page.Locator($"tr[data-trace='{traceId}'] a").ClickAsync();
        await Expect(traces.Page.Locator(".waterfall tbody tr")).ToHaveCountAsync(3);
        foreach (var span in new[] { $"{publishing.Id} POST /api/publish", $"{publishing.Id} publish", $"{receiving.Id} deliver" })
            await Expect(traces.Page.GetByRole(AriaRole.Button, new() { Name = span, Exact = true })).ToBeVisibleAsync();
        await traces.Page.GetByRole(AriaRole.Button, new() { Name = $"{receiving.Id} deliver" }).ClickAsync();
        await Expect(traces.Page.Locator(".drawer tr", new() { HasText = "sse.deliveries" })).ToContainTextAsync("1");
        await traces.ShootAsync("publish-to-delivery");
    }

    [Fact]
    public async Task Counts_of_a_known_load_are_exact_and_its_latencies_within_a_bucket()
    {
        const int Clients = 50, Events = 10_000, Chunk = 100;
        // Not the replica on which the other test's event is delivered, so that all its deliveries are this test's.
        var replica = system.Api[1];
        using var http = new HttpClient();
        var streams = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => WholeSystem.OpenAsync(http, replica.Address, "known", Cancellation)));
        using var api = Client();
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await system.Application.GetConnectionStringAsync("redis", Cancellation))!);

        // Envelopes say when they were published: 95 % of them 0.3 s ago, the others 1.5 s. What is delivered together is timed as one.
        for (var sent = 0; sent < Events; sent += Chunk)
        {
            var envelope = Envelope(TimeSpan.FromSeconds(sent % (20 * Chunk) == 0 ? 1.5 : 0.3));
            await Task.WhenAll(Enumerable.Range(0, Chunk).Select(_ => redis.GetDatabase().PublishAsync(RedisChannel.Literal("known"), envelope)));
            await Task.WhenAll(streams.Select(stream => WholeSystem.ReadAsync(stream, Chunk, Cancellation)));
        }

        await Wait.UntilAsync(
            async () => await DeliveredAsync(api, replica.Id) == Events * Clients, "every delivery is counted, once");
        var duration = await api.GetFromJsonAsync<JsonElement>(
            new Uri($"/api/telemetry/metrics?resource={replica.Id}&{DurationQuery}", UriKind.Relative), Cancellation);
        Assert.InRange(duration.GetProperty("totals").GetProperty("p50").GetDouble(), 0.25, 0.5);
        Assert.InRange(duration.GetProperty("totals").GetProperty("p99").GetDouble(), 1, 2.5);

        await using var metrics = await fixture.OpenAsync(system.Dashboard, $"/metrics/resource/{replica.Id}?{DurationQuery}&duration=300");
        await Expect(metrics.Page.Locator("canvas")).ToHaveAttributeAsync("aria-label", new Regex(@"sse\.delivery\.duration: p50 "));
        await metrics.ShootAsync("delivery-duration");
        foreach (var stream in streams)
            stream.Dispose();
    }

    private static byte[] Envelope(TimeSpan age)
    {
        var published = (DateTimeOffset.UtcNow - age - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return Encoding.ASCII.GetBytes($"\u0001- {published} - \n{{}}");
    }

    private static async Task<int> SpansAsync(HttpClient api, string traceId)
    {
        using var found = await api.GetAsync(new Uri($"/api/telemetry/traces/{traceId}", UriKind.Relative), Cancellation);
        return found.IsSuccessStatusCode ? Regex.Count(await found.Content.ReadAsStringAsync(Cancellation), "\"spanId\"") : 0;
    }

    /// <summary>What the dashboard has been told so far; 0 until the replica's first export of this instrument.</summary>
    private static async Task<double> DeliveredAsync(HttpClient api, string replica)
    {
        using var found = await api.GetAsync(
            new Uri($"/api/telemetry/metrics?resource={replica}&meter=SseScaling.Delivery&instrument=sse.events.delivered", UriKind.Relative), Cancellation);
        if (found.StatusCode == HttpStatusCode.NotFound)
            return 0;
        var metric = await found.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        return metric.TryGetProperty("totals", out var totals) && totals.TryGetProperty("value", out var value) ? value.GetDouble() : 0;
    }

    private HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = new Uri(system.Dashboard.Url) };
        client.DefaultRequestHeaders.Add("x-api-key", DashboardFixture.Token);
        return client;
    }
}
