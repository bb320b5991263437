using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using SseScaling.Tests.Docs;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>
/// Every endpoint and every kind of caller: the status of each cell stands in access.txt, which <c>SSE_WRITE_DOCS=1</c> writes anew for a reader to check. On every way in.
/// </summary>
public sealed class AccessTableTests(GuardedReplicas replicas) : IClassFixture<GuardedReplicas>
{
    private const string Json = "application/json";

    private static readonly string[] Everything = ["*"];

    /// <summary>Anna's own things, as somebody asks for them.</summary>
    private static readonly (string Method, string Target, string? Body)[] Requests =
    [
        ("GET", "/api/notifications", null),
        ("GET", "/api/notifications?userId=anna", null),
        ("POST", "/api/notifications/refresh?id=nobody/1", null),
        ("GET", "/api/stream?topic=notifications:anna", null),
        ("GET", "/api/stream?topic=notifications:anna&topic=other", null),
        ("GET", "/api/stream?topic=cluster:replicas", null),
        ("POST", "/api/stream/refresh?id=nobody/1", null),
        ("POST", "/api/stream/ticket?topic=notifications:anna", null),
        ("POST", "/api/stream/ticket?topic=notifications:anna&topic=other", null),
        ("POST", "/api/publish", """{"topic":"notifications:anna","data":1}"""),
        ("POST", "/api/publish as text/plain", """{"topic":"notifications:anna","data":1}"""),
        ("POST", "/api/posts", """{"authorId":"anna","postId":"1"}"""),
        ("PUT", "/api/users/bob/followers/anna", null),
        ("DELETE", "/api/users/bob/followers/anna", null),
        ("GET", "/api/users/anna/followers", null),
        ("PUT", "/api/users/anna/interests", """["like"]"""),
        ("GET", "/api/users/anna/interests", null),
        ("DELETE", "/api/users/anna/interests", null),
        ("PUT", "/api/users/anna/muted/bob", null),
        ("DELETE", "/api/users/anna/muted/bob", null),
        ("GET", "/api/users/anna/muted", null),
        ("DELETE", "/api/users/nobody/sessions", null),
        ("POST", "/api/session", null),
        ("GET", "/api/session", null),
        ("DELETE", "/api/session", null),
        ("GET", "/api/presence", null),
        ("GET", "/api/stats", null),
        ("GET", "/api/stats/history", null),
        ("POST", "/api/demo/stop", """{"instance":"nobody"}"""),
        ("GET", "/health", null),
        ("GET", "/alive", null),
        ("GET", "/", null),
        ("GET", "/monitor", null),
        ("GET", "/openapi/v1.json", null),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_gives_every_caller_what_the_table_says()
    {
        var callers = await CallersAsync();
        (string Way, HttpClient Http, Version Version)[] ways =
            [("direct", replicas.One.Http, HttpVersion.Version11), ("ordinary", replicas.Other.Http, HttpVersion.Version11), ("h2", replicas.Secure, HttpVersion.Version20)];
        var tables = new List<string>();
        foreach (var (_, http, version) in ways)
            tables.Add(await TableAsync(http, version, callers));

        var file = Path.Combine(PackedApplication.Root, "SseScaling.Tests", "Access", "access.txt");
        if (Environment.GetEnvironmentVariable("SSE_WRITE_DOCS") == "1")
            await File.WriteAllTextAsync(file, tables[0], Cancellation);
        var expected = await File.ReadAllTextAsync(file, Cancellation);
        Assert.All(tables, table => Assert.Equal(expected, table));
    }

    [Fact]
    public async Task Every_endpoint_has_its_row()
    {
        using var answer = await replicas.One.Http.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative), Cancellation);
        var paths = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("paths");
        var described = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(one => $"{one.Name.ToUpperInvariant()} {path.Name}"));

        Assert.DoesNotContain(described, endpoint => !Array.Exists(Requests, request => IsOf(request, endpoint)));
    }

    private static bool IsOf((string Method, string Target, string? Body) request, string endpoint)
    {
        var asked = $"{request.Method} {request.Target.Split('?', ' ')[0]}".Split('/');
        var named = endpoint.Split('/');
        return asked.Length == named.Length && asked.Zip(named).All(pair => pair.First == pair.Second || pair.Second.StartsWith('{'));
    }

    /// <summary>Each adds to a request what tells who asks.</summary>
    private async Task<(string Name, Func<HttpRequestMessage, Task> Sign)[]> CallersAsync()
    {
        var issuer = replicas.Issuer;
        var anna = issuer.Token("anna");
        var parts = anna.Split('.');
        var gone = issuer.Token("anna", from: DateTime.UtcNow.AddHours(-2));
        var lost = issuer.Token("lost", new Dictionary<string, object> { ["role"] = "operator", ["sse_pub"] = Everything }, from: DateTime.UtcNow.AddSeconds(-10));
        var root = issuer.Token("root", Role("operator"));
        using (var revoked = await SendAsync(replicas.Other.Http, HttpVersion.Version11, ("DELETE", "/api/users/lost/sessions", null), Bearer(root)))
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        string cookie;
        using (var session = await SendAsync(replicas.One.Http, HttpVersion.Version11, ("POST", "/api/session", null), Bearer(anna)))
        {
            Assert.Equal(HttpStatusCode.OK, session.StatusCode);
            cookie = session.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        }

        var used = await TicketAsync(anna);
        using (var opened = await SendAsync(replicas.One.Http, HttpVersion.Version11, ("GET", "/api/stream?topic=notifications:anna", null), Ticket(used)))
            Assert.Equal(HttpStatusCode.OK, opened.StatusCode);

        return
        [
            ("nobody", _ => Task.CompletedTask),
            ("anna", Bearer(anna)),
            ("eve", Bearer(issuer.Token("eve"))),
            ("operator", Bearer(root)),
            ("act-as", Bearer(issuer.Token("service", Role("act-as")))),
            ("publisher", Bearer(issuer.Token("service", new Dictionary<string, object> { ["sse_pub"] = Everything }))),
            ("reader", Bearer(issuer.Token("service", new Dictionary<string, object> { ["sse_sub"] = Everything }))),
            ("expired", Bearer(gone)),
            ("revoked", Bearer(lost)),
            ("audience", Bearer(issuer.Token("anna", audience: "others"))),
            ("unsigned", Bearer(Issuer.Unsigned("anna"))),
            ("tampered", Bearer($"{parts[0]}.{Issuer.Unsigned("anna").Split('.')[1]}.{parts[2]}")),
            ("cookie", With("Cookie", cookie)),
            ("stranger", With("Cookie", cookie, "Origin", "https://stranger.example")),
            ("cross-site", With("Cookie", cookie, "Sec-Fetch-Site", "cross-site")),
            ("rebound", With("Authorization", $"Bearer {anna}", "Host", "stranger.example")),
            ("ticket", async request => await Ticket(await TicketAsync(anna))(request)),
            ("replayed", Ticket(used)),
            ("altered", async request => await Ticket((await TicketAsync(anna)).Replace('A', 'B'))(request)),
        ];
    }

    private static Dictionary<string, object> Role(string role) => new() { ["role"] = role };

    private static Func<HttpRequestMessage, Task> Bearer(string token) => With("Authorization", $"Bearer {token}");

    private static Func<HttpRequestMessage, Task> With(params string[] headers) => request =>
    {
        foreach (var header in headers.Chunk(2))
            request.Headers.Add(header[0], header[1]);
        return Task.CompletedTask;
    };

    private static Func<HttpRequestMessage, Task> Ticket(string ticket) => request =>
    {
        var target = request.RequestUri!.ToString();
        request.RequestUri = new Uri($"{target}{(target.Contains('?', StringComparison.Ordinal) ? '&' : '?')}ticket={ticket}", UriKind.Relative);
        return Task.CompletedTask;
    };

    private async Task<string> TicketAsync(string token)
    {
        using var answer = await SendAsync(replicas.Other.Http, HttpVersion.Version11, ("POST", "/api/stream/ticket?topic=notifications:anna", null), Bearer(token));
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("ticket").GetString()!;
    }

    private static async Task<string> TableAsync(HttpClient http, Version version, (string Name, Func<HttpRequestMessage, Task> Sign)[] callers)
    {
        var table = new StringBuilder();
        table.Append("".PadRight(66)).AppendJoin(' ', callers.Select(caller => caller.Name.PadRight(10))).Append('\n');
        foreach (var request in Requests)
        {
            table.Append($"{request.Method} {request.Target}".PadRight(66));
            foreach (var (_, sign) in callers)
            {
                using var answer = await SendAsync(http, version, request, sign);
                table.Append(((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture).PadRight(11));
            }

            table.Length = table.ToString().TrimEnd().Length;
            table.Append('\n');
        }

        return table.ToString();
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, Version version, (string Method, string Target, string? Body) request, Func<HttpRequestMessage, Task> sign)
    {
        var target = request.Target.Split(" as ");
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), target[0]) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (request.Body is { } body)
            message.Content = new StringContent(body, Encoding.UTF8, target.Length > 1 ? target[1] : Json);
        await sign(message);
        return await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
