using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SseScaling.Connections;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Sockets;

/// <summary>A stream leaves the web server behind all of the application's middleware, which refuses it as it refuses any request; also where it was to be
/// served at accept, but must not.</summary>
public sealed class PipelineTests
{
    private const string OnItsSocket = "\r\nConnection: close\r\n";

    [Fact]
    public async Task A_host_that_is_not_allowed_gets_400()
    {
        await using var host = await PipelineHost.StartAsync(null, null, ("AllowedHosts", "localhost"));

        await using var connection = await RawConnection.OpenAsync(host.Port);
        await connection.SendAsync("GET /api/stream?topic=a HTTP/1.1\r\nHost: elsewhere\r\nAccept: text/event-stream\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", await connection.ReadStatusAsync(), StringComparison.Ordinal);
        Assert.Contains(OnItsSocket, await host.HeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cors_headers_and_those_of_any_middleware_are_in_the_head()
    {
        await using var host = await PipelineHost.StartAsync(
            builder => builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins("https://a.example").AllowCredentials())),
            app =>
            {
                app.UseCors();
                app.Use((context, next) =>
                {
                    context.Response.OnStarting(() =>
                    {
                        context.Response.Headers["X-Late"] = "said at the last moment";
                        return Task.CompletedTask;
                    });
                    return next(context);
                });
            });

        var allowed = await host.HeadAsync("Origin: https://a.example");
        var other = await host.HeadAsync("Origin: https://b.example");

        Assert.Contains("\r\nAccess-Control-Allow-Origin: https://a.example\r\n", allowed, StringComparison.Ordinal);
        Assert.Contains("\r\nAccess-Control-Allow-Credentials: true\r\n", allowed, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Late: said at the last moment\r\n", allowed, StringComparison.Ordinal);
        Assert.Contains(OnItsSocket, allowed, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control", other, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "401 Unauthorized")]
    [InlineData("nobody", "403 Forbidden")]
    [InlineData("reader", "200 OK")]
    public async Task Who_may_not_gets_401_or_403(string? user, string status)
    {
        await using var host = await PipelineHost.StartAsync(
            builder =>
            {
                builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, HeaderScheme>("test", null);
                builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireUserName("reader").Build());
            },
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
            },
            ("Sse:PublicTopics:0", "*"));

        var head = await host.HeadAsync(user is null ? [] : [$"X-User: {user}"]);

        Assert.StartsWith($"HTTP/1.1 {status}\r\n", head, StringComparison.Ordinal);
        Assert.Equal(user == "reader", head.Contains(OnItsSocket, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_rate_limit_answers_429()
    {
        await using var host = await PipelineHost.StartAsync(
            builder => builder.Services.AddRateLimiter(limiter =>
            {
                limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
                limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(
                    _ => RateLimitPartition.GetFixedWindowLimiter(
                        "all", _ => new() { PermitLimit = 1, Window = TimeSpan.FromHours(1) }));
            }),
            app => app.UseRateLimiter());

        Assert.Contains(OnItsSocket, await host.HeadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 429 ", await host.HeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_of_concurrent_requests_is_not_used_up_by_streams()
    {
        await using var host = await PipelineHost.StartAsync(
            builder => builder.Services.AddRateLimiter(limiter => limiter.GlobalLimiter =
                PartitionedRateLimiter.Create<HttpContext, string>(
                    _ => RateLimitPartition.GetConcurrencyLimiter("all", _ => new() { PermitLimit = 1 }))),
            app => app.UseRateLimiter());
        await using var first = await RawConnection.GetAsync(host.Port, "/api/stream?topic=a");
        await first.ReadUntilAsync(": connected");

        await Eventually.TrueAsync(
            async () => (await host.HeadAsync()).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal), "the first request has ended, and the second is let in");
    }

    [Fact]
    public async Task Where_the_body_is_wrapped_the_stream_stays_on_the_web_server()
    {
        await using var host = await PipelineHost.StartAsync(builder => builder.Services.AddResponseCompression(), app => app.UseResponseCompression());

        await using var wrapped = await RawConnection.GetAsync(host.Port, "/api/stream?topic=a", "Accept-Encoding: gzip");
        var head = await wrapped.ReadUntilAsync("\r\n\r\n");

        Assert.Contains("\r\nTransfer-Encoding: chunked\r\n", head, StringComparison.Ordinal);
        await wrapped.ReadUntilAsync(": connected");
    }

    [Fact]
    public async Task A_callback_that_fails_is_answered_with_500_and_its_place_is_given_back()
    {
        await using var host = await PipelineHost.StartAsync(
            null,
            app => app.Use((context, next) =>
            {
                context.Response.OnStarting(() => throw new InvalidOperationException("at the last moment"));
                return next(context);
            }),
            ("Sse:MaxConnections", "1"));

        for (var i = 0; i < 3; i++)
            Assert.StartsWith("HTTP/1.1 500 ", await host.HeadAsync(), StringComparison.Ordinal);
        Assert.Equal(0, host.Services.GetRequiredService<ConnectionRegistry>().Count);
    }

    private sealed class HeaderScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if ((string?)Request.Headers["X-User"] is not { } user)
                return Task.FromResult(AuthenticateResult.NoResult());
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
