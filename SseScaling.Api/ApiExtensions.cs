using SseScaling.Api.Access;
using SseScaling.Api.Http;
using SseScaling.Api.Social;

namespace SseScaling.Api;

/// <summary>Puts the replica together.</summary>
internal static class ApiExtensions
{
    /// <summary>Name of the connection string.</summary>
    public const string Redis = "redis";

    /// <summary>Whether the configuration names a Redis.</summary>
    public static bool UsesRedis(this IHostApplicationBuilder builder) => !string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(Redis));

    /// <summary>The API of the contract.</summary>
    public static void MapApi(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAccess();
        app.MapStreams();
        app.MapSsePublish("/api/publish", SelectWantedAsync).WithTags("Publishing").WithName("Publish").RequireRateLimiting(AccessExtensions.Publishing);
        app.MapStats();
        app.MapSocial();
    }

    private static async Task<IReadOnlyList<bool>> SelectWantedAsync(HttpContext context, IReadOnlyList<SseEvent> events)
    {
        if (events.Select(one => SocialTopics.Problem(one.Topic)).FirstOrDefault(problem => problem is not null) is { } problem)
            throw new BadHttpRequestException(problem);
        return await context.RequestServices.GetRequiredService<WantedEvents>().SelectAsync(events);
    }
}
