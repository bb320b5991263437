using System.Net.Http.Json;
using SseScaling.Redis;
using SseScaling.Tests.Social;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.ServiceDefaults;

/// <summary>A trace from the request that publishes to the delivery by another replica, as OpenTelemetry's exporter sends it.</summary>
public sealed class TraceTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delivery_is_the_child_of_its_publishing_on_another_replica()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var collector = await OtlpCollector.StartAsync();
        await using var one = await StartAsync(redis, collector, "replica-one");
        await using var other = await StartAsync(redis, collector, "replica-other");
        await using var client = await SseClient.OpenAsync(other.Http, "/api/stream?topic=traced");
        await client.LiveAsync();

        await PostAsync(one.Http, "/api/publish", new { topic = "traced", data = 1 });
        await client.NextAsync();

        var publishing = await ParentOfAsync(redis, "traced");
        await Eventually.TrueAsync(
            () => collector.Spans("replica-other").Any(span => span.IsOf(TraceId, "deliver") && span.IsChildOf(publishing)), "the delivery is in the trace");
        Assert.Contains(collector.Spans("replica-one"), span => span.IsOf(TraceId, "publish"));
        Assert.DoesNotContain(collector.Spans("replica-one"), span => span.IsOf(TraceId, "deliver"));
    }

    [Fact]
    public async Task A_post_to_many_followers_is_delivered_by_one_span()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var collector = await OtlpCollector.StartAsync();
        await using var api = await StartAsync(redis, collector, "replica");
        var clients = new List<SseClient>();
        for (var i = 0; i < 200; i++)
        {
            await api.Http.FollowAsync("author", $"f{i}");
            clients.Add(await api.Http.OpenUserAsync($"f{i}"));
        }

        await Task.WhenAll(clients.Select(client => client.LiveAsync()));
        await PostAsync(api.Http, "/api/posts", new { authorId = "author", postId = "p1" });
        foreach (var client in clients)
        {
            await client.NextAsync();
            await client.DisposeAsync();
        }

        await Eventually.TrueAsync(() => collector.Spans("replica").Any(span => span.IsOf(TraceId, "deliver")), "the delivery is in the trace");
        Assert.Equal(0, await StopAsync(api));
        var deliveries = Assert.Single(collector.Spans("replica"), span => span.IsOf(TraceId, "deliver"));
        Assert.Equal(200, deliveries.Number("sse.topics"));
        Assert.Equal(200, deliveries.Number("sse.deliveries"));
    }

    [Fact]
    public async Task A_post_that_is_fanned_out_in_the_background_stays_in_its_trace()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var collector = await OtlpCollector.StartAsync();
        await using var api = await StartAsync(redis, collector, "replica", ("Social__BackgroundFollowers", "0"));
        await api.Http.FollowAsync("author", "fan");
        await using var client = await api.Http.OpenUserAsync("fan");
        await client.LiveAsync();

        await PostAsync(api.Http, "/api/posts", new { authorId = "author", postId = "p1" });
        await client.NextAsync();

        foreach (var span in new[] { "fan-out", "publish", "deliver" })
            await Eventually.TrueAsync(() => collector.Spans("replica").Any(sent => sent.IsOf(TraceId, span)), $"{span} is in the trace");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_stream_leaves_no_span_unless_it_is_refused(string directSockets)
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var api = await StartAsync(null, collector, "replica", ("Sse__DirectSockets", directSockets));
        await using (var client = await SseClient.OpenAsync(api.Http, "/api/stream?topic=taken"))
        {
            await PostAsync(api.Http, "/api/publish", new { topic = "taken", data = 1 });
            await client.NextAsync();
        }

        await api.LoggedAsync("disconnected");
        using var refused = await api.Http.GetAsync("/api/stream?topic=", Cancellation);
        Assert.Equal(0, await StopAsync(api));

        var requests = collector.Spans("replica").Where(span => span.Name.Contains("/api/", StringComparison.Ordinal)).ToList();
        Assert.Equal(["GET /api/stream", "POST /api/publish"], requests.Select(span => span.Name).Order());
        Assert.Equal(400, requests.Single(span => span.Name == "GET /api/stream").Number("http.response.status_code"));
    }

    /// <summary>Starts a replica; returns when it has its link to Redis: what is published before may be delivered from history, outside of its trace.</summary>
    private static async Task<ApiProcess> StartAsync(
        RedisServer? redis, OtlpCollector collector, string name, params (string Name, string Value)[] settings)
    {
        var api = await ApiProcess.StartAsync(redis, [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            ("OTEL_RESOURCE_ATTRIBUTES", $"service.instance.id={name}"), .. settings]);
        await api.HealthyAsync();
        return api;
    }

    private static async Task PostAsync(HttpClient http, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");
        using var response = await http.SendAsync(request, Cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The id of the span that published a topic's only event.</summary>
    private static async Task<string> ParentOfAsync(RedisServer redis, string topic)
    {
        var entry = await redis.CliAsync("XRANGE", RedisKeys.Stream(topic).ToString(), "-", "+");
        return entry[(entry.IndexOf(TraceId, StringComparison.Ordinal) + TraceId.Length + 1)..][..16];
    }

    private static async Task<int> StopAsync(ApiProcess api)
    {
        await api.SignalAsync("TERM");
        return await api.ExitAsync(Eventually.Deadline);
    }
}
