using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.ServiceDefaults;

public sealed class HealthEndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Both_endpoints_answer_in_every_environment(string environment)
    {
        await using var app = await StartAsync(environment, () => HealthCheckResult.Healthy());
        using var http = Client(app);

        Assert.Equal("""{"status":"Healthy","checks":{"self":"Healthy","store":"Healthy"}}""", await http.GetStringAsync("/health", Cancellation));
        Assert.Equal("""{"status":"Healthy","checks":{"self":"Healthy"}}""", await http.GetStringAsync("/alive", Cancellation));
    }

    [Fact]
    public async Task An_unhealthy_check_answers_503_without_its_secrets_and_leaves_the_process_alive()
    {
        await using var app = await StartAsync("Production", () => throw new InvalidOperationException("password=secret"));
        using var http = Client(app);

        using var health = await http.GetAsync("/health", Cancellation);
        using var alive = await http.GetAsync("/alive", Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("application/json", health.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"status":"Unhealthy","checks":{"self":"Healthy","store":"Unhealthy"}}""", await health.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.DoesNotContain(app.Services.GetRequiredService<LogLines>().All, line => line.Contains("HealthCheck", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_has_five_seconds()
    {
        await using var app = await StartAsync("Production", () => HealthCheckResult.Healthy());

        Assert.Equal(TimeSpan.FromSeconds(5), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    private static async Task<WebApplication> StartAsync(string environment, Func<HealthCheckResult> store)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<LogLines>();
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<LogLines>());
        builder.AddServiceDefaults();
        builder.Services.AddHealthChecks().AddCheck("store", store);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync(Cancellation);
        return app;
    }

    private static HttpClient Client(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.First()) };
}
