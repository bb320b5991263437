using System.Globalization;
using System.Text.Json;
using SseScaling.Tests.EndToEnd;
using SseScaling.Tests.Pages;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Connections;

/// <summary>A browser's EventSource gives up for good on any answer but a stream: what passes must not end it.</summary>
public sealed class ReturningBrowserTests(NodeClient node, Chromium chromium) : IClassFixture<NodeClient>, IClassFixture<Chromium>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Sec-Fetch-Mode: cors")]
    [InlineData("Last-Event-ID: 1-1")]
    public async Task Where_there_is_no_place_an_EventSource_is_told_when_to_come_back_and_others_get_503(string field)
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__MaxConnections", "1"));
        await using var only = await SseClient.OpenTopicsAsync(api.Http, "a");
        await using var browser = await RawConnection.GetAsync(api.Port, "/api/stream?topic=a", field);

        var answer = await browser.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/event-stream", answer, StringComparison.Ordinal);
        Assert.Contains(": All places for streams are taken", answer, StringComparison.Ordinal);
        Assert.InRange(Retry(answer), 2_000, 6_000);

        // It comes back with the id that it has.
        Assert.DoesNotContain("\nid:", answer, StringComparison.Ordinal);
        using var refused = await api.Http.GetAsync(new Uri("/api/stream?topic=a", UriKind.Relative), Cancellation);
        await refused.DetailAsync(503);
    }

    [Fact]
    public async Task Whose_user_has_too_many_streams_is_told_to_come_back()
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__MaxStreamsPerUser", "1"), ("Sse__UserLimit", "RefuseNewest"));
        await using var only = await SseClient.OpenAsync(api.Http, "/api/notifications?userId=7");
        await using var browser = await RawConnection.GetAsync(api.Port, "/api/notifications?userId=7", "Sec-Fetch-Mode: cors");

        var answer = await browser.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.InRange(Retry(answer), 5_000, 15_000);
    }

    [Fact]
    public async Task A_replica_that_stops_ends_no_EventSource_that_comes_back_to_it()
    {
        Assert.NotNull(node);
        // Its farewell brings them back while it drains.
        await using var old = await ApiProcess.StartAsync(null, ("Sse__Retry", "00:00:00.1"), ("Sse__DrainWindow", "00:00:02"));
        await using var other = await ApiProcess.StartAsync(null, ("Sse__Retry", "00:00:00.1"));
        await using var proxy = new FailoverProxy(old.Port, other.Port);
        var stream = new Uri(proxy.Address, "/api/stream?topic=a");
        await using var session = await chromium.OpenAsync(proxy.Address);
        var page = await session.OpenEmptyAsync();
        await page.EvaluateAsync(Listen, stream.AbsoluteUri);
        await using var script = NodeClient.Subscribe(stream);
        await script.LinesAsync(line => line.Contains("\"open\"", StringComparison.Ordinal), 1);
        await Eventually.TrueAsync(async () => (await old.Http.StatsAsync()).GetProperty("connections").GetInt32() == 5, "all are on the first replica");

        await old.SignalAsync("TERM");

        Assert.Equal(0, await old.ExitAsync(TimeSpan.FromSeconds(20)));
        await Eventually.TrueAsync(async () => (await other.Http.StatsAsync()).GetProperty("connections").GetInt32() == 5, "all are on the other one");
        await other.Http.PublishAsync("a", "1");
        await Eventually.TrueAsync(async () => await page.EvaluateAsync<bool>("window.sources.every(source => source.got.length === 1)"), "each browser's stream has the event");
        Assert.DoesNotContain(2, await page.EvaluateAsync<int[]>("window.states"));
        await script.LinesAsync(line => line.Contains("\"data\":\"1\"", StringComparison.Ordinal), 1);
    }

    [Fact]
    public async Task Behind_nginx_no_client_is_ended_for_good_or_misses_anything_while_all_replicas_are_restarted()
    {
        Assert.NotNull(node);
        await using var redis = await RedisServer.StartNewAsync();
        int[] ports = [RedisServer.FreePort(), RedisServer.FreePort()];
        var replicas = new[] { await StartAsync(ports[0]), await StartAsync(ports[1]) };
        var port = RedisServer.FreePort();
        await using var nginx = await Nginx.StartAsync(
            $$"""
            upstream replicas { server 127.0.0.1:{{ports[0]}} max_fails=0; server 127.0.0.1:{{ports[1]}} max_fails=0; }
            server { listen 127.0.0.1:{{port}}; location / { proxy_pass http://replicas; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_read_timeout 60s; } }
            """,
            port);
        var stream = new Uri($"http://127.0.0.1:{port}/api/stream?topic=a");
        await using var session = await chromium.OpenAsync(stream);
        var page = await session.OpenEmptyAsync();
        await page.EvaluateAsync(Listen, stream.AbsoluteUri);
        var scripts = NodeClient.Kinds.Select(kind => NodeClient.Subscribe(kind, ScriptsOfAKind, stream)).ToArray();
        foreach (var script in scripts)
            await script.LinesAsync(line => line.Contains("\"open\"", StringComparison.Ordinal), ScriptsOfAKind);
        await Eventually.TrueAsync(() => page.EvaluateAsync<bool>("window.sources.every(source => source.readyState === 1)"), "the browser's streams are open");

        for (var i = 0; i < replicas.Length; i++)
        {
            await PublishAsync(replicas[^1], 10 * i, 5);
            await replicas[i].SignalAsync("TERM");
            await PublishAsync(replicas[i == 0 ? ^1 : 0], (10 * i) + 5, 5);
            Assert.Equal(0, await replicas[i].ExitAsync(TimeSpan.FromSeconds(20)));
            await replicas[i].DisposeAsync();
            replicas[i] = await StartAsync(ports[i]);
        }

        var expected = ApiCalls.Numbers(0, 20);
        await Eventually.TrueAsync(() => page.EvaluateAsync<bool>("window.sources.every(source => source.got.length >= 20)"), "the browser has everything");
        Assert.All(await page.EvaluateAsync<string[][]>("window.sources.map(source => source.got)"), got => Assert.Equal(expected, got));
        Assert.DoesNotContain(2, await page.EvaluateAsync<int[]>("window.states"));
        foreach (var script in scripts)
        {
            var events = (await script.LinesAsync(line => line.Contains("\"data\"", StringComparison.Ordinal), 20 * ScriptsOfAKind)).ConvertAll(line => JsonDocument.Parse(line).RootElement);
            Assert.All(events.GroupBy(one => one.GetProperty("client").GetInt32()), one => Assert.Equal(expected, one.Select(e => e.GetProperty("data").GetString())));
            Assert.DoesNotContain(script.Lines, line => line.Contains("\"state\":2", StringComparison.Ordinal));
            await script.DisposeAsync();
        }

        foreach (var replica in replicas)
            await replica.DisposeAsync();

        Task<ApiProcess> StartAsync(int own) => ApiProcess.StartAsync(
            redis, ("ASPNETCORE_URLS", $"http://127.0.0.1:{own}"), ("Sse__Retry", "00:00:00.1"), ("Sse__DrainWindow", "00:00:02"));
    }

    private const int ScriptsOfAKind = 5;

    private const string Listen = """
        url => {
          window.states = [];
          window.sources = Array.from({ length: 4 }, () => new EventSource(url));
          for (const source of window.sources) {
            source.got = [];
            source.onerror = () => window.states.push(source.readyState);
            source.onmessage = event => source.got.push(event.data);
          }
        }
        """;

    private static async Task PublishAsync(ApiProcess replica, int first, int count)
    {
        await replica.HealthyAsync();
        await replica.Http.PublishNumbersAsync("a", first, count);
    }

    private static int Retry(string answer)
    {
        const string Field = "\nretry: ";
        var at = answer.IndexOf(Field, StringComparison.Ordinal) + Field.Length;
        return int.Parse(answer[at..answer.IndexOf('\n', at)], CultureInfo.InvariantCulture);
    }
}
