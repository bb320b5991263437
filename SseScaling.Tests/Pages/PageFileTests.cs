using System.Net;
using System.Net.Http.Headers;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Pages;

public sealed class PageFileTests(DirectInMemory api) : IClassFixture<DirectInMemory>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/monitor", "text/html")]
    [InlineData("/app.css", "text/css")]
    [InlineData("/sse-client.mjs", "text/javascript")]
    [InlineData("/sse-client.d.mts", "text/plain")]
    [InlineData("/icon.svg", "image/svg+xml")]
    public async Task Every_file_comes_with_its_type_and_a_policy_that_allows_nothing_inline(string path, string type)
    {
        using var response = await api.Http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Who_has_a_file_already_gets_304()
    {
        using var first = await api.Http.GetAsync(new Uri("/demo.mjs", UriKind.Relative), Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/demo.mjs");
        request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(first.Headers.ETag!.ToString()));

        using var second = await api.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.True(first.Headers.CacheControl?.NoCache);
    }

    [Fact]
    public async Task HEAD_has_no_body_and_an_unknown_file_is_a_problem()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/");
        using var head = await api.Http.SendAsync(request, Cancellation);
        using var unknown = await api.Http.GetAsync(new Uri("/../appsettings.json", UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
        await unknown.ProblemAsync(404);
    }

    [Fact]
    public async Task The_history_has_a_point_of_the_replica_that_answers()
    {
        await Eventually.TrueAsync(async () =>
        {
            var text = await api.Http.GetStringAsync(new Uri("/api/stats/history", UriKind.Relative), Cancellation);
            return text.Contains("\"replicas\":1,", StringComparison.Ordinal);
        }, "the history has a point");
    }
}
