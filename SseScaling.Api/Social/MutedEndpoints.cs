using Microsoft.AspNetCore.Http.HttpResults;
using SseScaling.Api.Access;
using SseScaling.Api.Http;

namespace SseScaling.Api.Social;

/// <summary><c>/api/users/{id}/muted</c>: the authors of whom a user wants nothing.</summary>
internal static class MutedEndpoints
{
    public static void MapMuted(this IEndpointRouteBuilder app)
    {
        var muted = app.MapGroup("/api/users/{id}/muted").WithTags("Muted authors").WithUserIds().RequireUser("id");
        muted.MapPut("/{author}", MuteAsync).WithName("Mute").WithSummary("Mutes an author for a user")
            .WithDescription("Events with this authorId are neither kept nor sent for the user; streams that are open change at once. At most 1,000 authors.");
        muted.MapDelete("/{author}", UnmuteAsync).WithName("Unmute").WithSummary("Ends that an author is muted for a user");
        muted.MapGet("", MutedAsync).WithName("Muted").WithSummary("Lists the authors who are muted for a user");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> MuteAsync(string id, string author, ISocialStore store, ISseConnections connections)
    {
        if (id == author)
            return Problems.BadRequest($"The user {id} cannot mute themselves: name another author.");
        if (!await store.SetMutedAsync(id, author, muted: true))
            return Problems.BadRequest($"A user mutes at most {ISocialStore.MaxMuted} authors: unmute one first.");
        await connections.RefreshAsync(SseTarget.User(id));
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> UnmuteAsync(string id, string author, ISocialStore store, ISseConnections connections)
    {
        await store.SetMutedAsync(id, author, muted: false);
        await connections.RefreshAsync(SseTarget.User(id));
        return TypedResults.NoContent();
    }

    private static async Task<Ok<string[]>> MutedAsync(string id, ISocialStore store) =>
        TypedResults.Ok((await store.ReadSettingsAsync(id)).Muted.Order(StringComparer.Ordinal).ToArray());
}
