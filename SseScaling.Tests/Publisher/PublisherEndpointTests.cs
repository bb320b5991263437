using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Publisher;
using SseScaling.Publisher.Http;
using SseScaling.Publisher.Telemetry;
using SseScaling.Publisher.Traffic;
using Xunit;

namespace SseScaling.Tests.Publisher;

public sealed class PublisherEndpointTests : IAsyncLifetime
{
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore().AddMetrics().AddSingleton(TimeProvider.System)
            .AddSingleton(new PublisherOptions()).AddSingleton<TrafficControl>().AddSingleton<PublisherMetrics>();
        _app = builder.Build();
        _app.MapPublisher();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Rate_and_scenario_can_be_changed_together_and_alone()
    {
        Assert.Equal(("steady", 500.0), await StateAsync());

        await PutAsync("""{"rate":1000,"scenario":"Burst"}""", HttpStatusCode.OK);
        Assert.Equal(("burst", 1000.0), await StateAsync());

        await PutAsync("""{"rate":0}""", HttpStatusCode.OK);
        Assert.Equal(("burst", 0.0), await StateAsync());

        await PutAsync("""{"scenario":"ramp"}""", HttpStatusCode.OK);
        Assert.Equal(("ramp", 0.0), await StateAsync());
    }

    [Theory]
    [InlineData("""{"rate":-1}""", "from 0 to 100,000")]
    [InlineData("""{"rate":100001}""", "from 0 to 100,000")]
    [InlineData("""{"rate":1e999}""", "from 0 to 100,000")]
    [InlineData("""{"rate":"100"}""", "at $.rate")]
    [InlineData("""{"scenario":"calm"}""", "give one of steady, burst, celebrity, like-storm, ramp")]
    [InlineData("""{"rate":10,"scenario":"calm"}""", "There is no scenario 'calm'")]
    [InlineData("""{"rate":10,"speed":3}""", "at $.speed")]
    [InlineData("{}", "Nothing is to be changed")]
    [InlineData("null", "Nothing is to be changed")]
    [InlineData("", "must be a JSON object")]
    [InlineData("[1]", "must be a JSON object")]
    [InlineData("{\"rate\":", "must be a JSON object")]
    public async Task Bad_input_changes_nothing_and_is_answered_with_a_sentence(string body, string expected)
    {
        var problem = await PutAsync(body, HttpStatusCode.BadRequest);

        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(("steady", 500.0), await StateAsync());
    }

    [Fact]
    public async Task A_body_that_is_too_long_gets_413()
    {
        var problem = await PutAsync($$"""{"scenario":"{{new string('x', 5_000)}}"}""", HttpStatusCode.RequestEntityTooLarge);

        Assert.Contains("4096 bytes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<(string Scenario, double Rate)> StateAsync()
    {
        var state = await _http.GetFromJsonAsync<PublisherState>("/api/publisher", TestContext.Current.CancellationToken);
        return (state!.Scenario, state.Rate);
    }

    private async Task<JsonElement> PutAsync(string body, HttpStatusCode expected)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _http.PutAsync("/api/publisher", content, TestContext.Current.CancellationToken);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? "application/json" : "application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
