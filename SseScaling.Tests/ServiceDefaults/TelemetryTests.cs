using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using SseScaling.Messaging;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.ServiceDefaults;

public sealed class TelemetryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_traces_and_logs_of_a_short_life_reach_the_collector()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var app = await StartAsync(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_HEADERS", "x-otlp-api-key=the-key"),
            ("OTEL_SERVICE_NAME", "a-service"), ("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=an-instance")))
        {
            using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
            Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", await http.GetStringAsync("/hello/world", Cancellation));
            await http.GetStringAsync("/health", Cancellation);
            await app.StopAsync(Cancellation);
        }

        foreach (var signal in new[] { "metrics", "traces", "logs" })
        {
            Assert.True(collector.Has(signal, "a-service"), $"{signal} do not name the service.");
            Assert.True(collector.Has(signal, "an-instance"), $"{signal} do not name the instance.");
        }
        Assert.True(collector.Has("metrics", "http.server.request.duration"));
        Assert.True(collector.Has("metrics", "dotnet.gc.collections"));
        Assert.True(collector.Has("metrics", "sse.publish.duration"));
        Assert.True(collector.Has("traces", "GET /hello/{name}"));
        Assert.True(collector.Has("traces", "publish"));
        Assert.False(collector.Has("traces", "GET /health"), "Health probes are in the traces.");
        Assert.True(collector.Has("logs", "Hello, world"));
        Assert.All(collector.Keys, key => Assert.Equal("the-key", key));
    }

    [Fact]
    public async Task A_service_without_variables_of_its_own_is_named_after_the_application()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var app = await StartAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")))
            await app.StopAsync(Cancellation);

        Assert.True(collector.Has("metrics", "the-application"));
        Assert.True(collector.Has("metrics", $"{Environment.MachineName}-{Environment.ProcessId}"));
    }

    [Fact]
    public async Task Without_an_endpoint_nothing_is_collected()
    {
        await using var app = await StartAsync();

        Assert.Null(app.Services.GetService<LoggerProvider>());
        Assert.DoesNotContain(app.Services.GetServices<IHostedService>(), service => service.GetType().Name.Contains("Telemetry", StringComparison.Ordinal));
    }

    private static async Task<WebApplication> StartAsync(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "the-application" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddBackplane();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGet("/hello/{name}", async (string name, ILogger<TelemetryTests> log, Api.Backplane.IBackplane backplane, CancellationToken token) =>
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
