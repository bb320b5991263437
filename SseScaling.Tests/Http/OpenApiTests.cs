using System.Net;
using Microsoft.OpenApi;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Http;

/// <summary>The API's description.</summary>
public sealed class OpenApiTests
{
    private static readonly string[] Routes =
    [
        "DELETE /api/users/{author}/followers/{follower} 204 400 503",
        "DELETE /api/users/{id}/interests 204 400 503",
        "DELETE /api/users/{id}/muted/{author} 204 400 503",
        "GET /api/notifications 200 400 429 503",
        "GET /api/presence 200 400 503",
        "GET /api/session 200",
        "GET /api/stats 200",
        "GET /api/stats/history 200",
        "GET /api/stream 200 400 503",
        "GET /api/users/{author}/followers 200 400 503",
        "GET /api/users/{id}/interests 200 400 503",
        "GET /api/users/{id}/muted 200 400 503",
        "POST /api/demo/stop 204 400 409 413 415 503",
        "POST /api/posts 200 400 413 415 503",
        "POST /api/publish 200 400 413 415 503",
        "PUT /api/users/{author}/followers/{follower} 204 400 503",
        "PUT /api/users/{id}/interests 204 400 413 415 503",
        "PUT /api/users/{id}/muted/{author} 204 400 503",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_Development_it_is_valid_and_has_every_route_with_its_responses()
    {
        await using var api = await ApiProcess.StartAsync(null, ("DOTNET_ENVIRONMENT", "Development"));

        var read = OpenApiDocument.Parse(await api.Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), Cancellation), "json");

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        var operations = read.Document!.Paths.SelectMany(path => path.Value.Operations!, (path, one) => (path.Key, Method: one.Key, Operation: one.Value)).ToList();
        Assert.Equal(Routes, operations.Select(one => $"{one.Method} {one.Key} {string.Join(' ', one.Operation.Responses!.Keys)}").Order(StringComparer.Ordinal));
        Assert.All(operations, one => Assert.False(string.IsNullOrEmpty(one.Operation.Summary)));
        Assert.All(operations, one => Assert.All(one.Operation.Parameters ?? [], parameter => Assert.False(string.IsNullOrEmpty(parameter.Description))));
        Assert.All(operations.Where(one => one.Method == HttpMethod.Post || one.Key.EndsWith("/interests", StringComparison.Ordinal) && one.Method == HttpMethod.Put),
            one => Assert.NotNull(one.Operation.RequestBody!.Content!["application/json"].Example));
        Assert.All(operations.SelectMany(one => one.Operation.Responses!).Where(response => response.Key[0] is not '2'),
            problem => Assert.Equal(["application/problem+json"], problem.Value.Content!.Keys));
        Assert.All(["/api/notifications", "/api/stream"],
            path => Assert.Equal(["text/event-stream"], read.Document.Paths[path].Operations![HttpMethod.Get].Responses!["200"].Content!.Keys));
    }

    [Theory]
    [InlineData("/openapi/v1.json")]
    [InlineData("/scalar")]
    [InlineData("/scalar/")]
    [InlineData("/scalar/scalar.js")]
    public async Task In_Production_there_is_none(string path)
    {
        await using var api = await ApiProcess.StartAsync();
        using var response = await api.Http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        await response.ProblemAsync(404);
    }
}
