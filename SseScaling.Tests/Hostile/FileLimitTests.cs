using System.Diagnostics;
using System.Net;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Hostile;

/// <summary>Clients that take every file which the process may open. A process without one is ended by .NET as soon as a thread needs one.</summary>
[Trait("Category", "Hostile")]
public sealed class FileLimitTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("512", "streams", "true")]
    [InlineData("512", "streams", "false")]
    [InlineData("512", "half a head", "true")]
    [InlineData("1024", "idle", "true")]
    [InlineData("1024", "half a head", "false")]
    public async Task Near_the_file_limit_open_streams_health_and_publishing_go_on(string limit, string attack, string direct)
    {
        await using var api = await ApiProcess.StartAsync(null, (ApiProcess.FileLimit, limit), ("Sse__DirectSockets", direct));
        await using var stream = await SseClient.OpenTopicsAsync(api.Http, "a");
        await stream.LiveAsync();
        var clock = Stopwatch.StartNew();
        var attackers = new List<RawConnection>();
        for (var i = 0; i < int.Parse(limit, System.Globalization.CultureInfo.InvariantCulture); i++)
            attackers.Add(await AttackAsync(api.Port, attack));

        await GoesOnAsync(api, stream, "1");
        output.WriteLine($"{attackers.Count} connections ({attack}) in {clock.ElapsedMilliseconds} ms; {(await api.Http.StatsAsync()).GetProperty("connections")} streams are open.");
        foreach (var attacker in attackers)
            await attacker.DisposeAsync();

        await using var late = await SseClient.OpenTopicsAsync(api.Http, "a");
        await late.LiveAsync();
        await GoesOnAsync(api, late, "2");
        Assert.InRange(api.Count("is near the process's file limit"), 0, 1);
    }

    [Fact]
    public async Task A_limit_that_leaves_no_room_is_a_sentence_at_the_start()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiProcess.StartAsync(null, (ApiProcess.FileLimit, "400")));

        Assert.Contains("The process may open 400 files", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<RawConnection> AttackAsync(int port, string attack)
    {
        var connection = await RawConnection.OpenAsync(port);
        try
        {
            await connection.SendAsync(attack switch
            {
                "streams" => "GET /api/stream?topic=a HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n",
                "idle" => "GET /alive HTTP/1.1\r\nHost: localhost\r\n\r\n",
                _ => "GET /alive HTTP/1.1\r\nHost: local",
            });
        }
        catch (IOException)
        {
            // Refused at once.
        }

        return connection;
    }

    private static async Task GoesOnAsync(ApiProcess api, SseClient stream, string data)
    {
        using var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero };
        using var http = new HttpClient(handler) { BaseAddress = api.Http.BaseAddress, Timeout = Eventually.Deadline };
        foreach (var path in new[] { "/health", "/alive", "/api/stats" })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await http.PublishAsync("a", data);
        Assert.Equal(data, (await stream.NextAsync()).Data);
    }
}
