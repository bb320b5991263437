using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Sockets;

/// <summary>Requests as no client library sends them: whoever serves the connection, the answer is the same.</summary>
public sealed class RawRequestTests(DirectInMemory direct, OrdinaryInMemory ordinary) : IClassFixture<DirectInMemory>, IClassFixture<OrdinaryInMemory>
{
    public static TheoryData<string> OddHeads() =>
    [
        "GET /api/stream?topic=a HTTP/1.1\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nHost: a\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a b\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a/b\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a:b\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost:\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: [::1]:80\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost : a\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX: 1\nY: 2\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX: a\tb\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX: a\u007fb\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\n folded: line\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\n: nameless\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nno colon\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX\u00e9: 1\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX(): 1\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX: \u00e9\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nX:\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nLast-Event-ID: \u00e9\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 1-1\r\nLast-Event-ID: 1-2\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
        "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n",
        "GET /api/stream?topic=a HTTP/1.2\r\nHost: a\r\n",
        "GET /api/stream?topic=a HTTP/2.0\r\nHost: a\r\n",
        "GET /api/stream?topic=a  HTTP/1.1\r\nHost: a\r\n",
        "GET  /api/stream?topic=a HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=a b HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=a\tb HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=\u00e9 HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=a\0b HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=a#fragment HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=%zz HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=%ff HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=%ed%a0%80 HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=a&topic HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?&&topic=a&& HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=a=b HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=a?b HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?Topic=a HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?top%69c=a HTTP/1.1\r\nHost: a\r\n",
        "GET /api/x/../stream?topic=a HTTP/1.1\r\nHost: a\r\n",
        "GET //api/stream?topic=a HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream;v=1?topic=a HTTP/1.1\r\nHost: a\r\n",
        "GET http://a/api/stream?topic=a HTTP/1.1\r\nHost: a\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n",
        "get /api/stream?topic=a HTTP/1.1\r\nHost: a\r\n",
        "HEAD /api/stream?topic=a HTTP/1.1\r\nHost: a\r\n",
        "OPTIONS /api/stream?topic=a HTTP/1.1\r\nHost: a\r\n",
        "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n",
        "GET /api/stream?topic=a HTTP/1.0\r\n",
        "GET /api/stream?topic=a\r\n",
        "\u0016\u0003\u0001",
        "PRI * HTTP/2.0\r\n",
    ];

    [Theory]
    [MemberData(nameof(OddHeads))]
    public async Task An_odd_request_gets_the_same_answer_either_way(string head) =>
        Assert.Equal(await StatusAsync(ordinary.Api.Port, head), await StatusAsync(direct.Api.Port, head));

    [Fact]
    public async Task What_a_client_sends_behind_its_request_is_discarded()
    {
        var topic = Drafts.NewTopic();
        await using var connection = await RawConnection.OpenAsync(direct.Api.Port);
        var request = $"GET {SseClient.Target(topic)} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n";

        await connection.SendAsync(request + request + "\0\r\n\r\ngarbage" + new string('x', 20_000));
        await connection.ReadUntilAsync("id: 0-0\n\n");
        for (var number = 1; number <= 3; number++)
        {
            await connection.SendAsync(new string('y', 10_000));
            await direct.Http.PublishAsync(topic, $"{number}");
            Assert.DoesNotContain("HTTP/1.1", await connection.ReadUntilAsync($"data: {number}\n\n"), StringComparison.Ordinal);
        }

        Assert.Equal(1, direct.Api.Count($"listens to {topic} ("));
    }

    [Fact]
    public async Task A_client_that_uploads_on_its_stream_is_disconnected_and_nobody_else_is()
    {
        var topic = Drafts.NewTopic();
        await using var reader = await RawConnection.GetAsync(direct.Api.Port, SseClient.Target(topic));
        await reader.ReadUntilAsync("id: 0-0\n\n");
        await using var uploader = await RawConnection.GetAsync(direct.Api.Port, SseClient.Target(topic));
        await uploader.ReadUntilAsync("id: 0-0\n\n");

        // Far more than the kernel's buffers hold: without an end it would be taken to the last byte.
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (var megabytes = 0; megabytes < 64; megabytes++)
                await uploader.SendAsync(new string('u', 1 << 20));
        });

        await direct.Http.PublishAsync(topic, "1");
        await reader.ReadUntilAsync("data: 1\n\n");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(1000)]
    public async Task A_head_that_arrives_in_pieces_is_served(int pieces)
    {
        // Long enough for the server to see a piece alone; nothing on the outside tells when it did.
        var pause = TimeSpan.FromMilliseconds(pieces > 100 ? 0 : 20);
        var topic = Drafts.NewTopic();
        var request = $"GET {SseClient.Target(topic)} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nCookie: {new string('c', 1000)}\r\n\r\n";
        await using var connection = await RawConnection.OpenAsync(direct.Api.Port);

        foreach (var piece in request.Chunk((request.Length / pieces) + 1))
        {
            await connection.SendAsync(new string(piece));
            await Task.Delay(pause, TestContext.Current.CancellationToken);
        }

        await ServedAsync(connection, topic);
    }

    [Theory]
    [InlineData("GET {0} HTTP/1.0\r\n\r\n")]
    [InlineData("GET {0} HTTP/1.0\r\nConnection: keep-alive\r\nAccept: text/event-stream\r\n\r\n")]
    [InlineData("GET http://elsewhere{0} HTTP/1.1\r\nHost: elsewhere\r\nAccept: text/event-stream\r\n\r\n")]
    [InlineData("GET {0} HTTP/1.1\r\nhost: a\r\nlast-event-id: 0-0\r\naccept: text/event-stream\r\n\r\n")]
    [InlineData("GET {0} HTTP/1.1\r\nHOST:a\r\nLAST-EVENT-ID:\t0-0 \r\nCACHE-CONTROL: no-cache\r\nAccept: text/event-stream\r\n\r\n")]
    [InlineData("GET {0} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept: text/event-stream\r\n\r\n")]
    [InlineData("GET {0} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nOrigin: https://elsewhere.example\r\nAccept: text/event-stream\r\n\r\n")]
    [InlineData("GET {0} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nAccept: text/event-stream\r\n\r\n")]
    [InlineData("GET /alive HTTP/1.1\r\nHost: a\r\n\r\nGET {0} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n")]
    public async Task Other_forms_of_a_request_are_served(string form)
    {
        var topic = Drafts.NewTopic();
        await using var connection = await RawConnection.OpenAsync(direct.Api.Port);

        await connection.SendAsync(string.Format(null, form, SseClient.Target(topic)));

        await ServedAsync(connection, topic);
    }

    [Theory]
    [InlineData(7_000)]
    [InlineData(8_192)]
    [InlineData(9_000)]
    [InlineData(30_000)]
    public async Task A_long_head_is_served(int length)
    {
        var topic = Drafts.NewTopic();
        await using var connection = await RawConnection.GetAsync(direct.Api.Port, SseClient.Target(topic), $"Cookie: {new string('c', length)}");

        await ServedAsync(connection, topic);
    }

    [Fact]
    public async Task A_head_beyond_the_servers_limit_gets_431()
    {
        await using var connection = await RawConnection.GetAsync(direct.Api.Port, "/api/stream?topic=a", $"Cookie: {new string('c', 40_000)}");

        Assert.StartsWith("HTTP/1.1 431 ", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_that_say_nothing_keep_nobody_waiting()
    {
        var silent = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RawConnection.OpenAsync(direct.Api.Port)));
        var topic = Drafts.NewTopic();

        await using var connection = await RawConnection.GetAsync(direct.Api.Port, SseClient.Target(topic));

        await ServedAsync(connection, topic);
        foreach (var one in silent)
            await one.DisposeAsync();
    }

    [Fact]
    public async Task Clients_that_close_at_any_moment_leave_nothing_behind()
    {
        var topic = Drafts.NewTopic("closing");
        for (var i = 0; i < 200; i++)
        {
            await using var connection = await RawConnection.GetAsync(direct.Api.Port, SseClient.Target(topic));
            if (i % 4 == 0)
                await connection.ReadUntilAsync("\n\n");
            if (i % 3 == 0)
                await direct.Http.PublishAsync(topic, "1");
        }

        await Eventually.TrueAsync(
            () => direct.Api.Count($"listens to {topic} (") > 0 && direct.Api.Count($"listens to {topic} (") == direct.Api.Count($"({topic}) disconnected"),
            "every stream that began has ended");
        Assert.False(direct.Api.HasExited);
    }

    private async Task ServedAsync(RawConnection connection, string topic)
    {
        await connection.ReadUntilAsync(": connected\n");
        await direct.Http.PublishAsync(topic, "1");
        await connection.ReadUntilAsync("data: 1\n\n");
    }

    private static async Task<string> StatusAsync(int port, string head)
    {
        await using var connection = await RawConnection.OpenAsync(port);
        await connection.SendAsync(head + "Accept: text/event-stream\r\n\r\n");
        return await connection.ReadStatusAsync();
    }
}
