using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.ServiceDefaults;

/// <summary>The end of a process and its collector: what is left is sent, and nobody waits for one that does not answer.</summary>
public sealed class TelemetryShutdownTests
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(2);

    // Nothing is sent before the stop.
    private static readonly (string, string)[] Patient =
        [("OTEL_METRIC_EXPORT_INTERVAL", "600000"), ("OTEL_BSP_SCHEDULE_DELAY", "600000"), ("OTEL_BLRP_SCHEDULE_DELAY", "600000")];

    // The metrics are being sent when the stop comes; spans and log lines wait.
    private static readonly (string, string)[] Busy =
        [("OTEL_METRIC_EXPORT_INTERVAL", "100"), ("OTEL_BSP_SCHEDULE_DELAY", "600000"), ("OTEL_BLRP_SCHEDULE_DELAY", "600000")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task What_is_left_at_the_end_reaches_the_collector(string protocol)
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var api = await StartAsync(protocol == "grpc" ? collector.GrpcUrl : collector.Url, protocol, Patient);
        await PublishAsync(api);
        Assert.Empty(collector.Keys);

        Assert.Equal(0, await StopAsync(api));

        Assert.True(collector.Has("metrics", "sse.events.received"));
        Assert.True(collector.Has("traces", "POST /api/publish"));
        Assert.True(collector.Has("logs", "Application is shutting down"));
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task A_collector_that_never_answers_delays_the_end_by_two_seconds_at_most(string protocol)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var api = await StartAsync(Url(silent), protocol, Busy);
        using var export = await silent.AcceptTcpClientAsync(Cancellation);
        await PublishAsync(api);

        Assert.InRange(await DelayAsync(api), TimeSpan.MinValue, Promised);
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task A_collector_that_refuses_delays_the_end_by_two_seconds_at_most(string protocol)
    {
        var refuses = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{RedisServer.FreePort()}");
        await using var api = await StartAsync(refuses, protocol, Busy);
        await PublishAsync(api);

        Assert.InRange(await DelayAsync(api), TimeSpan.MinValue, Promised);
    }

    [Fact]
    public async Task A_start_that_fails_waits_no_longer_for_a_collector_that_never_answers()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(Url(silent));
        builder.Logging.ClearProviders();
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = Url(silent);
        builder.AddServiceDefaults();
        var app = builder.Build();
        await Assert.ThrowsAsync<IOException>(() => app.StartAsync(Cancellation));
        var failed = Stopwatch.GetTimestamp();

        await app.DisposeAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(failed), TimeSpan.Zero, Promised);
    }

    private static Task<ApiProcess> StartAsync(string collector, string protocol, (string, string)[] intervals) =>
        ApiProcess.StartAsync(null, [("OTEL_EXPORTER_OTLP_ENDPOINT", collector), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), .. intervals]);

    private static string Url(TcpListener listener) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    private static async Task PublishAsync(ApiProcess api)
    {
        using var response = await api.Http.PostAsJsonAsync("/api/publish", new { topic = "t", data = 1 }, Cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>How much later a replica ends than one without a collector that is stopped at the same moment, on the same busy machine.</summary>
    private static async Task<TimeSpan> DelayAsync(ApiProcess api)
    {
        await using var plain = await ApiProcess.StartAsync();
        await PublishAsync(plain);
        var ends = await Task.WhenAll(EndAsync(api), EndAsync(plain));
        return ends[0] - ends[1];
    }

    private static async Task<TimeSpan> EndAsync(ApiProcess api)
    {
        var stopped = Stopwatch.GetTimestamp();
        Assert.Equal(0, await StopAsync(api));
        return Stopwatch.GetElapsedTime(stopped);
    }

    private static async Task<int> StopAsync(ApiProcess api)
    {
        await api.SignalAsync("TERM");
        return await api.ExitAsync(Eventually.Deadline);
    }
}
