namespace SseScaling.Api.Social;

/// <summary>The social endpoints.</summary>
internal static class SocialEndpoints
{
    public static void MapSocial(this IEndpointRouteBuilder app)
    {
        app.MapFollowers();
        app.MapPosts();
        app.MapInterests();
        app.MapMuted();
        app.MapPresence();
    }
}
