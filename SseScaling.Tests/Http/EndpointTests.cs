using System.Net;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Http;

/// <summary>The rows of the contract that are no streams: health, figures, and what is not there.</summary>
public sealed class EndpointTests(DirectOnRedis fixture) : IClassFixture<DirectOnRedis>
{
    private HttpClient Http => fixture.Http;

    [Theory]
    [InlineData("/alive")]
    [InlineData("/health")]
    public async Task Probes_say_healthy(string probe)
    {
        using var response = await Http.GetAsync(new Uri(probe, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("Healthy", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stats_count_connections_topics_and_events()
    {
        var topic = Drafts.NewTopic();
        // Streams of earlier tests end a moment after their clients are gone.
        await Eventually.TrueAsync(async () => (await Http.StatsAsync()).GetProperty("connections").GetInt64() == 0, "no stream is open");
        var before = await Http.StatsAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SseClient.OpenTopicsAsync(Http, topic)));
        await Http.PublishNumbersAsync(topic, 1, 10);
        foreach (var client in clients)
            await client.TakeAsync(10);

        var after = await Http.StatsAsync();

        long Grown(string name) => after.GetProperty(name).GetInt64() - before.GetProperty(name).GetInt64();
        Assert.Equal((3, 1, 10, 30), (Grown("connections"), Grown("topics"), Grown("eventsIn"), Grown("eventsOut")));
        Assert.Equal(0, after.GetProperty("queueBytes").GetInt64());
        Assert.Equal(("redis", true, false), (after.GetProperty("backplane").GetString(), after.GetProperty("backplaneAvailable").GetBoolean(), after.GetProperty("draining").GetBoolean()));
        var latency = after.GetProperty("latencyMs");
        Assert.True(latency.GetProperty("p50").GetDouble() > 0);
        Assert.True(latency.GetProperty("p50").GetDouble() <= latency.GetProperty("p99").GetDouble());
        Assert.True(after.GetProperty("workingSetBytes").GetInt64() > 1 << 20);
        foreach (var client in clients)
            await client.DisposeAsync();
        await Eventually.TrueAsync(
            async () => (await Http.StatsAsync()).GetProperty("connections").GetInt64() == before.GetProperty("connections").GetInt64(), "dropped clients are not counted");
    }

    [Fact]
    public async Task The_log_tells_of_clients_and_events()
    {
        var topic = Drafts.NewTopic("logged");
        var client = await SseClient.OpenTopicsAsync(Http, topic);
        await Http.PublishAsync(topic, "1");
        await client.DisposeAsync();

        await fixture.Api.LoggedAsync($"listens to {topic} (");
        await fixture.Api.LoggedAsync($"({topic}) disconnected after ");
        Assert.True(fixture.Api.Count("[SSE] Client connected: ") > 0);
        Assert.True(fixture.Api.Count("[SSE] Published to 1 ") > 0);
    }

    [Theory]
    [InlineData("GET", "/api/nothing", 404)]
    [InlineData("GET", "/api/publish", 405)]
    [InlineData("POST", "/api/stream?topic=a", 405)]
    [InlineData("DELETE", "/api/notifications?userId=42", 405)]
    public async Task What_is_not_there_is_a_problem_as_well(string method, string target, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ProblemAsync(status);
    }

    [Theory]
    [InlineData("/API/Stream?topic=")]
    [InlineData("/api/stream/?topic=")]
    [InlineData("/api/%73tream?topic=")]
    public async Task Other_spellings_of_a_path_lead_to_the_same_stream(string target)
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenAsync(Http, target + topic);

        await Http.PublishAsync(topic, "1");

        Assert.Equal("1", (await client.NextAsync()).Data);
    }
}
