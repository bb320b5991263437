using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using SseScaling.Backplane;
using SseScaling.Protocol;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.ServiceDefaults;

public sealed class TelemetryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_traces_and_logs_reach_the_collector_up_to_the_last_one_before_the_stop()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await StartAsync([.. Exporter(collector), ("OTEL_EXPORTER_OTLP_HEADERS", "x-otlp-api-key=the-key"),
            ("OTEL_SERVICE_NAME", "a-service"), ("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=an-instance")]);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", await http.GetStringAsync("/hello/world", Cancellation));
        await http.GetStringAsync("/health", Cancellation);

        foreach (var signal in new[] { "metrics", "traces", "logs" })
            await Eventually.TrueAsync(() => collector.Has(signal, "a-service") && collector.Has(signal, "an-instance"), $"{signal} name the service");
        foreach (var metric in new[] { "http.server.request.duration", "kestrel.active_connections", "dotnet.gc.collections", "sse.publish.duration" })
            await Eventually.TrueAsync(() => collector.Has("metrics", metric), $"{metric} is there");
        foreach (var span in new[] { "GET /hello/{name}", "publish" })
            await Eventually.TrueAsync(() => collector.Has("traces", span), $"the span {span} is there");
        await Eventually.TrueAsync(() => collector.Has("logs", "Hello, world"), "the log line is there");
        Assert.All(collector.Keys, key => Assert.Equal("the-key", key));

        await http.GetStringAsync("/hello/last", Cancellation);
        await app.StopAsync(Cancellation);

        Assert.True(collector.Has("logs", "Hello, last"));
        var routes = collector.Spans("an-instance").Select(span => span.Attributes.GetValueOrDefault("http.route")).ToList();
        Assert.Contains("/hello/{name}", routes);
        Assert.DoesNotContain("/health", routes);
    }

    [Fact]
    public async Task A_service_without_variables_of_its_own_is_named_after_the_application()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await StartAsync(Exporter(collector));

        await Eventually.TrueAsync(() => collector.Has("metrics", "the-application"), "the name is there");
        Assert.True(collector.Has("metrics", $"{Environment.MachineName}-{Environment.ProcessId}"));
    }

    [Fact]
    public async Task Metrics_may_have_a_collector_of_their_own()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var prometheus = await OtlpCollector.StartAsync();
        await using var app = await StartAsync([.. Exporter(collector), ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", $"{prometheus.Url}/v1/metrics"),
            ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf")]);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        await http.GetStringAsync("/hello/world", Cancellation);
        await app.StopAsync(Cancellation);

        Assert.True(prometheus.Has("metrics", "sse.publish.duration"));
        Assert.True(collector.Has("traces", "GET /hello/{name}"));
        Assert.False(collector.Has("metrics", "sse.publish.duration"));
    }

    [Fact]
    public async Task Without_an_endpoint_nothing_is_collected()
    {
        await using var app = await StartAsync();

        Assert.Null(app.Services.GetService<LoggerProvider>());
        Assert.DoesNotContain(app.Services.GetServices<IHostedService>(), service => service.GetType().Name.Contains("Telemetry", StringComparison.Ordinal));
    }

    private static (string, string)[] Exporter(OtlpCollector collector) =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_BLRP_SCHEDULE_DELAY", "200"),
    ];

    private static async Task<WebApplication> StartAsync(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "the-application" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Services.AddSsePublisher();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGet("/hello/{name}", async (string name, ILogger<TelemetryTests> log, IBackplane backplane, CancellationToken token) =>
        {
            LogHello(log, name);
            await backplane.PublishAsync([Drafts.Draft("t")], token);
            var page = await backplane.ReadHistoryAsync("t", 0, 1, token);
            return Results.Text(System.Text.Encoding.UTF8.GetString(EventEnvelope.Parse(page.Events[0]).TraceParent.Span));
        });
        await app.StartAsync(Cancellation);
        return app;
    }

    private static readonly Action<ILogger, string, Exception?> Hello =
        LoggerMessage.Define<string>(LogLevel.Information, new EventId(1), "Hello, {Name}");

    private static void LogHello(ILogger log, string name) => Hello(log, name, null);
}
