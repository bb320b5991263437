using System.Net;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>A replica that nobody has told who may: it says so, or keeps to this machine.</summary>
public sealed class AccessStartTests
{
    private static readonly (string Name, string Value) Unsaid = ("Sse__AllowAnonymous", "false");
    private static readonly (string Name, string Value) Development = ("DOTNET_ENVIRONMENT", "Development");

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public async Task Outside_of_Development_it_does_not_start(string environment)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiProcess.StartAsync(null, Unsaid, ("DOTNET_ENVIRONMENT", environment)));

        Assert.Contains("Nobody has said who may read and publish: configure Authentication:Schemes:Bearer, or set Sse__AllowAnonymous=true", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://127.0.0.1:0;http://*:0")]
    public async Task In_Development_it_does_not_start_where_others_reach_it(string urls)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiProcess.StartAsync(null, Unsaid, Development, ("ASPNETCORE_URLS", urls)));

        Assert.Contains("can be reached from elsewhere, and everybody may do everything: listen to localhost", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_Development_it_serves_this_machine_by_its_names()
    {
        await using var api = await ApiProcess.StartAsync(null, Unsaid, Development);

        foreach (var (host, expected) in new[] { ("localhost", HttpStatusCode.OK), ("127.0.0.1", HttpStatusCode.OK), ("[::1]", HttpStatusCode.OK), ("stranger.example", HttpStatusCode.BadRequest) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/stats");
            request.Headers.Host = $"{host}:{api.Port}";
            using var answer = await api.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("Access__Proxies__0", "nonsense", "Access:Proxies are addresses or networks")]
    [InlineData("Access__PublishPerSecond", "0", "PublishPerSecond")]
    [InlineData("Access__SessionLifetime", "00:00:01", "SessionLifetime")]
    public async Task A_mistake_in_the_settings_is_a_sentence(string name, string value, string named)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiProcess.StartAsync(null, (name, value)));

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }
}
