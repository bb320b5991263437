using System.Globalization;
using System.Text.Json;
using SseScaling.Tests.Pages;
using SseScaling.Tests.Social;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>A page of another site in a developer's own browser, and the open replica on the same machine.</summary>
public sealed class PageAttackTests : IAsyncLifetime
{
    private const string Stranger = "http://stranger.example";
    private const string Rebound = "rebound.example";

    private static readonly (string Method, string Path, string? Body)[] Changes =
    [
        ("POST", "/api/publish", """{"topic":"a","data":"stolen"}"""),
        ("POST", "/api/posts", """{"authorId":"7","postId":"1"}"""),
        ("PUT", "/api/users/7/followers/8", null),
        ("DELETE", "/api/users/7/followers/9", null),
        ("PUT", "/api/users/9/interests", """["like"]"""),
        ("DELETE", "/api/users/9/interests", null),
        ("PUT", "/api/users/9/muted/7", null),
        ("POST", "/api/demo/stop", """{"instance":"INSTANCE"}"""),
    ];

    private readonly Chromium _chromium = new() { Arguments = [$"--host-resolver-rules=MAP {Rebound} 127.0.0.1"] };
    private ApiProcess? _api;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ApiProcess Api => _api!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiProcess.StartAsync(
            null, ("DOTNET_ENVIRONMENT", "Development"), ("Sse__AllowAnonymous", "false"), ("Demo__CanStopReplicas", "true"), ("AllowedHosts", "localhost;127.0.0.1;[::1]"));
        await _chromium.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        if (_api is not null)
            await _api.DisposeAsync();
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task A_page_from_elsewhere_changes_nothing_and_reads_nothing(string contentType)
    {
        await using var stream = await PrepareAsync();
        await using var browser = await _chromium.OpenAsync(new Uri(Stranger));
        var page = await browser.OpenForeignAsync(Stranger, "<form id=f method=post enctype=text/plain><input name='{\"topic\":\"a\",\"data\":\"stolen\",\"x\":\"' value='\"}'></form>");

        foreach (var (method, path, body) in Changes)
        {
            var read = await page.EvaluateAsync<string>(
                """
                async ([method, url, type, body]) => {
                    const simple = method === 'POST' && type === 'text/plain';
                    try {
                        const answer = await fetch(url, { method, body, mode: simple ? 'no-cors' : 'cors', headers: { 'Content-Type': type } });
                        return answer.type === 'opaque' ? 'opaque' : `${answer.status}`;
                    } catch (e) { return 'blocked'; }
                }
                """,
                new[] { method, $"{Api.Addresses[0]}{path[1..]}", contentType, body?.Replace("INSTANCE", await InstanceAsync(), StringComparison.Ordinal) });
            Assert.Contains(read, (string[])["blocked", "opaque"]);
        }

        Assert.Equal("blocked", await page.EvaluateAsync<string>("async url => fetch(url).then(() => 'read', () => 'blocked')", $"{Api.Addresses[0]}api/stats"));
        await page.RunAndWaitForResponseAsync(
            () => page.EvaluateAsync("url => { const form = document.getElementById('f'); form.action = url; form.submit(); }", $"{Api.Addresses[0]}api/publish"),
            "**/api/publish");

        await NothingChangedAsync(stream);
    }

    [Fact]
    public async Task A_name_that_was_rebound_to_this_machine_reaches_nothing()
    {
        await using var stream = await PrepareAsync();
        var origin = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{Rebound}:{Api.Port}"));
        await using var browser = await _chromium.OpenAsync(origin);
        var page = await browser.VisitAsync("/");

        foreach (var (method, path, body) in Changes.Append(("GET", "/api/stats", null)).Append(("GET", "/api/stream?topic=a", null)))
        {
            var status = await page.EvaluateAsync<int>(
                "async ([method, url, body]) => (await fetch(url, { method, body, headers: body ? { 'Content-Type': 'application/json' } : {} })).status",
                new[] { method, path, body?.Replace("INSTANCE", await InstanceAsync(), StringComparison.Ordinal) });
            Assert.Equal(400, status);
        }

        await NothingChangedAsync(stream);
    }

    private async Task<SseClient> PrepareAsync()
    {
        await Api.Http.DoneAsync(HttpMethod.Put, "/api/users/7/followers/9");
        var stream = await SseClient.OpenTopicsAsync(Api.Http, "a", "notifications:9");
        await stream.LiveAsync();
        return stream;
    }

    private async Task NothingChangedAsync(SseClient stream)
    {
        await Api.Http.PublishAsync("a", "1");
        Assert.Equal("1", (await stream.NextAsync()).Data);
        Assert.Equal("[\"9\"]", (await GetAsync("/api/users/7/followers")).GetProperty("followers").GetRawText());
        Assert.Equal(JsonValueKind.Null, (await GetAsync("/api/users/9/interests")).ValueKind);
        Assert.Equal(0, (await GetAsync("/api/users/9/muted")).GetArrayLength());
        Assert.Equal(0, Api.Count("Draining"));
    }

    private async Task<string> InstanceAsync() => (await Api.Http.StatsAsync()).GetProperty("instance").GetString()!;

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Api.Http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement.Clone();
    }
}
