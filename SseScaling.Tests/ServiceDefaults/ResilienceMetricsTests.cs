using System.Net.Http.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.ServiceDefaults;

/// <summary>What the resilience pipelines did in an outage, as it is exported; the log has one line for it.</summary>
public sealed class ResilienceMetricsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_outage_of_redis_shows_as_retries_and_breaker_changes_and_not_as_a_log_line_for_each_attempt()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var collector = await OtlpCollector.StartAsync();
        await using var api = await ApiProcess.StartAsync(redis, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("Sse__Redis__Timeout", "00:00:10"));
        await api.HealthyAsync();
        Assert.True(await PublishAsync(api));
        await ShowsAsync(api, collector, "resilience.polly.pipeline.duration", "resilience.polly.strategy.attempt.duration", "redis-publish");
        Assert.False(collector.Has("metrics", "OnRetry"));

        await redis.KillAsync();
        await ShowsAsync(api, collector, "OnRetry", "OnCircuitOpened");
        await redis.StartAsync();
        await ShowsAsync(api, collector, "OnCircuitClosed");

        await api.LoggedAsync("Redis is reachable after");
        Assert.Equal(1, api.Count("Redis is not reachable"));
        Assert.Equal(0, api.Count("Resilience event"));
        Assert.Equal(0, api.Count("Polly["));
        Assert.False(collector.Has("metrics", "attempt.number"), "Each number of an attempt is a series of its own.");
    }

    /// <summary>Goes on publishing until the metrics hold some texts.</summary>
    private static Task ShowsAsync(ApiProcess api, OtlpCollector collector, params string[] texts) => Eventually.TrueAsync(async () =>
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PublishAsync(api)));
        return texts.All(text => collector.Has("metrics", text));
    }, string.Join(", ", texts));

    private static async Task<bool> PublishAsync(ApiProcess api)
    {
        using var response = await api.Http.PostAsJsonAsync("/api/publish", new { topic = "t", data = 1, key = Guid.NewGuid().ToString("N") }, Cancellation);
        return response.IsSuccessStatusCode;
    }
}
