using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LocalAspire.Dashboard;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace LocalAspire.Tests.Dashboard;

/// <summary>Each signal from OpenTelemetry's own exporter through the dashboard's store to its API and its pages.</summary>
public sealed class TelemetryTests(DashboardFixture fixture)
{
    [Fact]
    public async Task Counts_are_exact_and_percentiles_within_a_bucket()
    {
        const string name = "Test.Metrics";
        using var meter = new Meter(name);
        using (var provider = Sdk.CreateMeterProviderBuilder().AddMeter(name).SetResourceBuilder(Resource("shop"))
            .AddOtlpExporter(await OptionsAsync("metrics")).Build())
        {
            var counter = meter.CreateCounter<long>("test.orders", "{order}");
            var histogram = meter.CreateHistogram("test.duration", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.05, 0.1] });
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("kind", i % 2 == 0 ? "even" : "odd"));
                histogram.Record(i < 9_500 ? 0.015 : 0.04);
            }

            Assert.True(provider.ForceFlush());
        }

        var orders = await GetAsync($"/api/telemetry/metrics?resource=shop&meter={name}&instrument=test.orders");
        var odd = await GetAsync($"/api/telemetry/metrics?resource=shop&meter={name}&instrument=test.orders&filter.kind=odd");
        var duration = await GetAsync($"/api/telemetry/metrics?resource=shop&meter={name}&instrument=test.duration");

        Assert.Equal(10_000, orders.GetProperty("totals").GetProperty("value").GetDouble());
        Assert.Equal(5_000, odd.GetProperty("totals").GetProperty("value").GetDouble());
        Assert.Equal(10_000, duration.GetProperty("totals").GetProperty("count").GetDouble());
        Assert.InRange(duration.GetProperty("totals").GetProperty("p50").GetDouble(), 0.01, 0.02);
        Assert.InRange(duration.GetProperty("totals").GetProperty("p99").GetDouble(), 0.02, 0.05);

        await using var browser = await fixture.OpenAsync($"/metrics/resource/shop?meter={name}&instrument=test.duration&duration=60");
        await Expect(browser.Page.Locator("canvas")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex(@"test\.duration: p50 1\d\.?\d* ms"));
        await browser.ShootAsync("metrics");
    }

    [Fact]
    public async Task Log_records_are_found_by_level_text_and_trace()
    {
        using var source = new ActivitySource("Test.Logs");
        using var listener = new ActivityListener { ShouldListenTo = one => one == source, Sample = (ref _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(listener);
        string traceId;
        var options = await OptionsAsync("logs");
        using (var factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(telemetry =>
        {
            telemetry.IncludeFormattedMessage = true;
            telemetry.SetResourceBuilder(Resource("orders"));
            telemetry.AddOtlpExporter(options);
        })))
        {
            var logger = factory.CreateLogger("Orders.Worker");
            TestLines.Write(logger, 1);
            using var activity = source.StartActivity("order");
            traceId = activity!.TraceId.ToHexString();
            TestLines.WriteLate(logger, 77);
        }

        Assert.Equal(2, (await GetAsync("/api/telemetry/logs?resource=orders")).GetProperty("totalCount").GetInt32());
        foreach (var filter in new[] { "severity=warning", "search=is%20late", $"traceId={traceId}" })
        {
            var found = await GetAsync($"/api/telemetry/logs?resource=orders&{filter}");
            Assert.Equal(1, found.GetProperty("totalCount").GetInt32());
            Assert.Contains("Order 77 is late", found.GetRawText(), StringComparison.Ordinal);
        }

        await using var browser = await fixture.OpenAsync("/structuredlogs/resource/orders");
        await Expect(browser.Page.Locator(".record")).ToHaveCountAsync(2);
        await browser.Page.GetByLabel("Level").SelectOptionAsync("warning");
        await Expect(browser.Page.Locator(".record")).ToHaveCountAsync(1);
        await browser.Page.GetByText("Order 77 is late").ClickAsync();
        await Expect(browser.Page.Locator(".drawer")).ToContainTextAsync("Orders.Worker");
        await browser.ShootAsync("structured-logs");
    }

    [Fact]
    public async Task A_trace_across_two_services_is_one_waterfall()
    {
        const string name = "Test.Traces";
        using var source = new ActivitySource(name);
        ActivityContext sent;
        using (await TracerAsync(name, "sender"))
        using (var send = source.StartActivity("publish", ActivityKind.Producer))
            sent = send!.Context;
        using (await TracerAsync(name, "receiver"))
        using (var receive = source.StartActivity("deliver", ActivityKind.Consumer, sent))
            receive!.SetStatus(ActivityStatusCode.Error, "too late");

        var traceId = sent.TraceId.ToHexString();
        Assert.Equal(1, (await GetAsync($"/api/telemetry/traces?search={traceId}")).GetProperty("totalCount").GetInt32());

        await using var browser = await fixture.OpenAsync("/traces/resource/receiver");
        await browser.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "sender-one: publish" }).ClickAsync();
        await Expect(browser.Page.Locator(".waterfall tbody tr")).ToHaveCountAsync(2);
        await browser.Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "receiver-one deliver" }).ClickAsync();
        await Expect(browser.Page.Locator(".drawer")).ToContainTextAsync("too late");
        await browser.ShootAsync("trace");
    }

    [Theory]
    [InlineData("/v1/metrics")]
    [InlineData("/v1/traces")]
    [InlineData("/v1/logs")]
    public async Task Wrong_input_is_refused(string path)
    {
        var dashboard = await fixture.DashboardAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(dashboard, path, [0x0a, 0xff, 0xff, 0xff], "application/x-protobuf", DashboardFixture.OtlpKey));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PostAsync(dashboard, path, "{}"u8.ToArray(), "application/json", DashboardFixture.OtlpKey));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(dashboard, path, [], "application/x-protobuf", "wrong"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(dashboard, path, [], "application/x-protobuf", DashboardFixture.OtlpKey));
    }

    private static async Task<HttpStatusCode> PostAsync(DashboardHost dashboard, string path, byte[] bytes, string type, string key)
    {
        using var client = new HttpClient();
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        content.Headers.Add("x-otlp-api-key", key);
        return (await client.PostAsync(new Uri(dashboard.OtlpUrl + path), content, TestContext.Current.CancellationToken)).StatusCode;
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var client = await fixture.ClientAsync();
        return JsonDocument.Parse(await client.GetStringAsync(path, TestContext.Current.CancellationToken)).RootElement;
    }

    private async Task<TracerProvider> TracerAsync(string source, string service) => Sdk.CreateTracerProviderBuilder()
        .AddSource(source).SetResourceBuilder(Resource(service)).AddOtlpExporter(await OptionsAsync("traces")).Build();

    private static ResourceBuilder Resource(string service) => ResourceBuilder.CreateEmpty().AddService(service, serviceInstanceId: "one");

    private async Task<Action<OtlpExporterOptions>> OptionsAsync(string signal)
    {
        var dashboard = await fixture.DashboardAsync();
        return options =>
        {
            options.Endpoint = new Uri($"{dashboard.OtlpUrl}/v1/{signal}");
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            options.Headers = $"x-otlp-api-key={DashboardFixture.OtlpKey}";
        };
    }
}
