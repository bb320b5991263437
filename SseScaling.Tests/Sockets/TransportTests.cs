using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SseScaling.Sockets;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Sockets;

/// <summary>Ordinary requests on a connection that began like a stream's: the same answers, byte for byte, as on the web server's own transport.</summary>
public sealed partial class TransportTests : IAsyncLifetime
{
    // Has the listener choose its own kind of connection; what follows on it is ordinary.
    private const string First = "GET /kind HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n";

    private const string Last = "GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    private const int LargeBytes = 20 << 20;

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PipelineHost? _direct;
    private PipelineHost? _ordinary;

    public static TheoryData<string> Exchanges() =>
    [
        "",
        "GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n",
        string.Concat(Enumerable.Repeat("GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n", 100)),
        "HEAD /fixed HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde",
        "POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST /hash HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n",
        "POST /hash HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nabcde",
        "POST /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde",
        $"POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n{new string('x', 3_000_000)}",
        $"POST /hash HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{string.Concat(Enumerable.Repeat($"8000\r\n{new string('y', 0x8000)}\r\n", 100))}0\r\n\r\n",
        "GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /late HTTP/1.1\r\nHost: a\r\n\r\nGET /fixed HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "BAD\r\n\r\n",
    ];

    public async ValueTask InitializeAsync()
    {
        _direct = await StartAsync("true");
        _ordinary = await StartAsync("false");
    }

    public async ValueTask DisposeAsync()
    {
        await _direct!.DisposeAsync();
        await _ordinary!.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task Answers_are_the_same(string requests)
    {
        Assert.Equal(await AnswersAsync(_ordinary!, requests, int.MaxValue), await AnswersAsync(_direct!, requests, int.MaxValue));
        Assert.Equal(await AnswersAsync(_ordinary!, requests, 1000), await AnswersAsync(_direct!, requests, 1000));
    }

    [Fact]
    public async Task Many_connections_at_once_get_the_same_answers()
    {
        var expected = await AnswersAsync(_ordinary!, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n", int.MaxValue);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AnswersAsync(_direct!, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n", int.MaxValue)));

        Assert.All(answers, answer => Assert.True(expected == answer));
    }

    [Fact]
    public async Task An_upload_that_nobody_reads_is_held_up_and_goes_on_when_it_is_read()
    {
        await using var connection = await RawConnection.OpenAsync(_direct!.Port);
        await connection.SendAsync(First + $"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: {LargeBytes}\r\nConnection: close\r\n\r\n");

        var sending = connection.SendAsync(new string('z', LargeBytes));
        await connection.ReadUntilAsync("reading follows");
        Assert.False(sending.IsCompleted);
        await using var other = await RawConnection.GetAsync(_direct.Port, "/go");
        await other.ReadResponseAsync();

        await sending;
        Assert.Contains(Hash(new string('z', LargeBytes)), await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_that_is_broken_off_is_noticed_by_who_reads_it(bool reset)
    {
        await using (var connection = await RawConnection.OpenAsync(_direct!.Port))
        {
            await connection.SendAsync(First + "POST /broken HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
            await connection.ReadUntilAsync("reading follows");
            if (reset)
                connection.ResetOnClose();
        }

        await _broken.Task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", "127.0.0.1")]
    [InlineData("http://[::1]:0", "::1")]
    [InlineData("http://*:0", "127.0.0.1")]
    [InlineData("http://*:0", "::1")]
    public async Task Both_ends_of_a_connection_are_known_as_on_the_web_servers_own_transport(string url, string address)
    {
        var ends = new List<string>();
        foreach (var sockets in new[] { "true", "false" })
        {
            await using var host = await PipelineHost.StartAsync(null, Map, ("Sse:DirectSockets", sockets), ("urls", url));
            await using var connection = await RawConnection.OpenAsync(IPAddress.Parse(address), host.Port);
            await connection.SendAsync(First);
            var kind = await connection.ReadResponseAsync();
            Assert.Equal(host.IsDetachable, kind.Contains(nameof(DetachableConnection), StringComparison.Ordinal));
            var body = kind[kind.LastIndexOf(' ', kind.LastIndexOf(' ') - 1)..];
            ends.Add(body.Replace($":{host.Port}", "", StringComparison.Ordinal).Replace($":{connection.LocalPort}", "", StringComparison.Ordinal));
        }

        Assert.Equal(ends[1], ends[0]);
    }

    [Fact]
    public async Task Other_end_points_stay_with_the_web_servers_own_transport()
    {
        var path = Path.Combine(Path.GetTempPath(), $"sse-{Guid.NewGuid():N}.sock");
        await using var host = await PipelineHost.StartAsync(null, Map, ("urls", $"http://unix:{path}"));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        Assert.Equal("fixed", await http.GetStringAsync(new Uri("http://localhost/fixed"), TestContext.Current.CancellationToken));
    }

    private Task<PipelineHost> StartAsync(string sockets) => PipelineHost.StartAsync(null, Map, ("Sse:DirectSockets", sockets));

    private void Map(WebApplication app)
    {
        app.MapGet("/kind", (HttpContext context) =>
        {
            var ends = context.Connection;
            return $"{context.Features.Get<IDetachableSocketFeature>()?.GetType().Name} {ends.LocalIpAddress}:{ends.LocalPort} {ends.RemoteIpAddress}:{ends.RemotePort}";
        });
        app.MapPost("/hash", async (HttpContext context) => Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body)));
        app.MapGet("/large", async (HttpContext context) =>
        {
            var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 10_000).Select(i => i.ToString("D8", CultureInfo.InvariantCulture))));
            context.Response.ContentLength = 100L * block.Length;
            for (var i = 0; i < 100; i++)
                await context.Response.Body.WriteAsync(block);
        });
        app.MapGet("/late", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("a");
            await context.Response.Body.FlushAsync();
            await Task.Yield();
            await context.Response.WriteAsync("b");
        });
        app.MapPost("/broken", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("reading follows");
            await context.Response.Body.FlushAsync();
            await Assert.ThrowsAnyAsync<IOException>(() => context.Request.Body.CopyToAsync(Stream.Null));
            _broken.TrySetResult();
        });
        app.MapGet("/go", () => _go.TrySetResult());
        app.MapPost("/slow", async (HttpContext context) =>
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            await context.Response.WriteAsync("reading follows");
            await context.Response.Body.FlushAsync();
            await _go.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync(Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body)));
        });
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    /// <summary>Sends requests in pieces, while the answers are read, and returns these from the second one on, without their dates.</summary>
    private static async Task<string> AnswersAsync(PipelineHost host, string requests, int piece)
    {
        await using var connection = await RawConnection.OpenAsync(host.Port);
        await connection.SendAsync(First);
        var kind = await connection.ReadResponseAsync();
        Assert.Equal(host.IsDetachable, kind.Contains(nameof(DetachableConnection), StringComparison.Ordinal));
        var reading = connection.ReadToEndAsync();
        try
        {
            foreach (var part in (requests + Last).Chunk(Math.Min(piece, requests.Length + Last.Length)))
                await connection.SendAsync(new string(part));
        }
        catch (IOException)
        {
            // The server ends the connection behind a bad request.
        }

        return Dates().Replace(await reading, "");
    }

    [GeneratedRegex("\r\nDate: [^\r]*")]
    private static partial Regex Dates();
}
