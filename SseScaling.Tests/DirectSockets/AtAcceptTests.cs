using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Api.Delivery;
using SseScaling.Api.DirectSockets;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.DirectSockets;

/// <summary>When streams are served at accept, past all middleware, and when they are not although they were to be.</summary>
public sealed class AtAcceptTests
{
    private const string Instead = "Streams are served after the pipeline, not at accept, since ";

    private static readonly (string, string) AtAccept = ("Sse:DirectSockets", DirectSocketsModes.AtAccept);

    public static TheoryData<string> Needs() =>
    [
        "/api/notifications asks for authorization", "/api/notifications has a CORS policy", "/api/notifications has a rate limit",
        "/api/notifications is for some hosts", "/api/notifications is not mapped", "CORS is configured",
    ];

    [Fact]
    public async Task Where_nothing_asks_for_middleware_none_sees_the_stream()
    {
        var seen = 0;
        await using var host = await PipelineHost.StartAsync(
            null,
            app => app.Use((context, next) =>
            {
                Interlocked.Increment(ref seen);
                return next(context);
            }),
            AtAccept);

        var head = await host.HeadAsync();

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\nServer: ", head, StringComparison.Ordinal);
        Assert.Equal(0, seen);
        Assert.Equal(0, host.Log.Count(Instead));
    }

    [Theory]
    [MemberData(nameof(Needs))]
    public async Task Where_something_asks_for_middleware_the_stream_takes_it_and_the_log_says_why(string need)
    {
        await using var host = await PipelineHost.StartAsync(builder => Add(need, builder.Services), null, AtAccept);

        var head = await host.HeadAsync();

        Assert.Contains("\r\nServer: Kestrel\r\n", head, StringComparison.Ordinal);
        Assert.Equal(1, host.Log.Count(Instead + need));
    }

    [Theory]
    [InlineData("true", nameof(DirectSocketsMode.AtAccept))]
    [InlineData("AtAccept", nameof(DirectSocketsMode.AtAccept))]
    [InlineData("afterpipeline", nameof(DirectSocketsMode.AfterPipeline))]
    [InlineData("Off", nameof(DirectSocketsMode.Off))]
    [InlineData("False", nameof(DirectSocketsMode.Off))]
    [InlineData(null, nameof(DirectSocketsMode.AtAccept))]
    public void A_mode_is_read_by_its_name_or_as_the_switch_that_it_was(string? value, string mode) =>
        Assert.Equal(mode, Read(value).ToString());

    [Theory]
    [InlineData("1")]
    [InlineData("AtAccept, Off")]
    [InlineData("on")]
    public void Any_other_mode_is_refused_in_words(string value) =>
        Assert.Contains($"not '{value}'", Assert.ThrowsAny<Exception>(() => Read(value)).InnerException?.Message, StringComparison.Ordinal);

    private static DirectSocketsMode Read(string? value)
    {
        var options = new DeliveryOptions();
        new ConfigurationBuilder().AddInMemoryCollection([new("DirectSockets", value)]).Build().Bind(options);
        return options.DirectSockets;
    }

    private static void Add(string need, IServiceCollection services)
    {
        services.AddSingleton<Action<RouteGroupBuilder>>(streams =>
        {
            if (need.EndsWith("authorization", StringComparison.Ordinal))
                streams.RequireAuthorization();
            else if (need.EndsWith("policy", StringComparison.Ordinal))
                streams.RequireCors("a");
            else if (need.EndsWith("limit", StringComparison.Ordinal))
                streams.RequireRateLimiting("a");
            else if (need.EndsWith("hosts", StringComparison.Ordinal))
                streams.RequireHost("localhost");
            else if (need.EndsWith("mapped", StringComparison.Ordinal))
                ((IEndpointConventionBuilder)streams).Add(endpoint => ((RouteEndpointBuilder)endpoint).RoutePattern = RoutePatternFactory.Parse("/elsewhere"));
        });
        if (need.StartsWith("CORS", StringComparison.Ordinal))
            services.AddCors();
    }
}
