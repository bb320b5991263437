using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SseScaling.Api.Access;
using SseScaling.Api.Http;

namespace SseScaling.Api.Social;

/// <summary><c>/api/users/{author}/followers</c>: who is told of an author's posts.</summary>
internal static class FollowerEndpoints
{
    private const int FollowersPerPage = 1_000;

    public static void MapFollowers(this IEndpointRouteBuilder app)
    {
        var followers = app.MapGroup("/api/users/{author}/followers").WithTags("Followers").WithUserIds();
        followers.MapPut("/{follower}", FollowAsync).RequireUser("follower").WithName("Follow").WithSummary("Makes a user follow an author")
            .WithDescription("The follower's streams get the author's posts from now on. Nothing changes for one who follows already.");
        followers.MapDelete("/{follower}", UnfollowAsync).RequireUser("follower").WithName("Unfollow").WithSummary("Ends that a user follows an author")
            .WithDescription("Nothing changes for one who does not follow.");
        followers.MapGet("", FollowersAsync).RequireUser("author").WithName("Followers").WithSummary("Lists an author's followers")
            .WithDescription("A page of up to 1,000 in the order of their names. Who follows throughout is listed exactly once, whoever comes and goes meanwhile.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> FollowAsync(
        string author, string follower, ISocialStore store, Celebrities celebrities, ISseConnections connections)
    {
        if (author == follower)
            return Problems.BadRequest($"The user {author} cannot follow themselves: name another follower.");
        var since = await celebrities.SinceNowAsync(author);
        await store.FollowAsync(author, follower, since);
        if (since is not null)
            await connections.RefreshAsync(SseTarget.User(follower));
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> UnfollowAsync(
        string author, string follower, ISocialStore store, Celebrities celebrities, ISseConnections connections)
    {
        await store.UnfollowAsync(author, follower);
        if (celebrities.Since.ContainsKey(author))
            await connections.RefreshAsync(SseTarget.User(follower));
        return TypedResults.NoContent();
    }

    // The cursor is the last name, so that a page is exact whoever comes and goes.
    private static async Task<Results<Ok<FollowersAnswer>, ProblemHttpResult>> FollowersAsync(
        string author, [Description("The cursor of the page before; left out: the first page.")] string? cursor, ISocialStore store)
    {
        if (cursor is not null && UserId.Problem(cursor) is not null)
            return Problems.BadRequest("The cursor is not one that this server gave: leave it out to start with the first page.");
        var page = await store.ReadFollowersAsync(author, cursor, FollowersPerPage);
        var next = page.Count == FollowersPerPage ? page[^1] : null;
        return TypedResults.Ok(new FollowersAnswer(page, next, await store.CountFollowersAsync(author)));
    }
}

/// <summary>A page of followers.</summary>
/// <param name="Followers">Their ids, in the order of their names.</param>
/// <param name="Cursor">Names the next page; null on the last one.</param>
/// <param name="Count">How many there are on all pages.</param>
internal sealed record FollowersAnswer(IReadOnlyList<string> Followers, string? Cursor, long Count);
