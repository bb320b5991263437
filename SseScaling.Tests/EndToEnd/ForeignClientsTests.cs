using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Tests.Sockets;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.EndToEnd;

/// <summary>Clients that were not written for this server, on both ways.</summary>
public sealed class ForeignClientsTests(NodeClient node) : IClassFixture<NodeClient>
{
    private static readonly string Anywhere = AppContext.BaseDirectory;

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Curl_shows_events_as_they_come_and_resumes_by_header(string direct)
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__DirectSockets", direct));
        var url = $"{api.Addresses[0]}api/notifications?userId=42";
        await using var curl = Tool.Start("curl", Anywhere, "-sN", "-i", url);
        await curl.LinesAsync(line => line.StartsWith("retry: ", StringComparison.Ordinal), 1);

        var ids = await api.Http.PublishNumbersAsync("notifications:42", 1, 3);

        Assert.Equal(["data: 1", "data: 2", "data: 3"], await curl.LinesAsync(line => line.StartsWith("data: ", StringComparison.Ordinal), 3));
        Assert.Contains("Content-Type: text/event-stream", curl.Lines);
        await using var resumed = Tool.Start("curl", Anywhere, "-sN", "-H", $"Last-Event-ID: {ids[0]}", url);
        Assert.Equal(["data: 2", "data: 3"], await resumed.LinesAsync(line => line.StartsWith("data: ", StringComparison.Ordinal), 2));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Eventsource_that_is_cut_before_its_first_event_misses_nothing(string direct)
    {
        Assert.NotNull(node);
        await using var api = await ApiProcess.StartAsync(null, ("Sse__DirectSockets", direct), ("Sse__MaxLifetime", "00:00:01"), ("Sse__Retry", "00:00:01"));
        await using var client = NodeClient.Subscribe(new Uri(api.Addresses[0], "/api/stream?topic=a&topic=b"));
        await client.LinesAsync(line => line.Contains("\"error\"", StringComparison.Ordinal), 1);

        await api.Http.PublishNumbersAsync("b", 1, 3);

        var events = await client.LinesAsync(line => line.Contains("\"data\"", StringComparison.Ordinal), 3);
        Assert.Equal(["1", "2", "3"], events.ConvertAll(line => JsonDocument.Parse(line).RootElement.GetProperty("data").GetString()));
    }

    [Fact]
    public async Task Eventsource_that_is_ended_for_good_stays_away()
    {
        Assert.NotNull(node);
        await using var host = await PipelineHost.StartAsync(null, null, ("Sse:Retry", "00:00:00.1"));
        await using var client = NodeClient.Subscribe(new Uri($"http://127.0.0.1:{host.Port}/api/stream?topic=a"));
        await client.LinesAsync(line => line.Contains("\"open\"", StringComparison.Ordinal), 1);

        await host.Services.GetRequiredService<ISseConnections>().DisconnectAsync(SseTarget.Topic("a"), forGood: true, TestContext.Current.CancellationToken);

        // The second one is the answer to its return.
        await client.LinesAsync(line => line.Contains("\"state\":2", StringComparison.Ordinal), 1);
        Assert.Equal(0, host.Services.GetRequiredService<ISseConnections>().Count);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Eventsource_comes_back_by_itself_after_the_server_ended_the_stream_and_misses_nothing(string direct)
    {
        Assert.NotNull(node);
        await using var api = await ApiProcess.StartAsync(
            null, ("Sse__DirectSockets", direct), ("Sse__MaxLifetime", "00:00:01"), ("Sse__Retry", "00:00:00.1"));
        await using var client = NodeClient.Subscribe(new Uri(api.Addresses[0], "/api/notifications?userId=42"), "named");
        await client.LinesAsync(line => line.Contains("\"open\"", StringComparison.Ordinal), 1);

        await api.Http.PublishAsync("notifications:42", """{"text":"line\nbreak 🎉"}""", ",\"event\":\"named\"");
        for (var opened = 2; opened <= 3; opened++)
        {
            await client.LinesAsync(line => line.Contains("\"error\"", StringComparison.Ordinal), opened - 1);
            await api.Http.PublishNumbersAsync("notifications:42", 100 * opened, 20);
            await client.LinesAsync(line => line.Contains("\"open\"", StringComparison.Ordinal), opened);
        }

        var events = (await client.LinesAsync(line => line.Contains("\"data\"", StringComparison.Ordinal), 41)).ConvertAll(line => JsonDocument.Parse(line).RootElement);
        Assert.Equal(["""{"text":"line\nbreak 🎉"}""", .. ApiCalls.Numbers(200, 20), .. ApiCalls.Numbers(300, 20)], events.Select(one => one.GetProperty("data").GetString()));
        Assert.Equal("named", events[0].GetProperty("type").GetString());
        Assert.Equal(41, events.Select(one => one.GetProperty("id").GetString()).Distinct().Count());
    }
}
