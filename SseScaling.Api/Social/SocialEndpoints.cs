using SseScaling.Api.Http;

namespace SseScaling.Api.Social;

/// <summary>The social endpoints: followers, posts, interests and muted authors.</summary>
internal static partial class SocialEndpoints
{
    private const int FollowersPerPage = 1_000;

    public static void MapSocial(this IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/api/users").AddEndpointFilter(CheckUsersAsync);
        users.MapPut("/{author}/followers/{follower}", FollowAsync).WithName("Follow");
        users.MapDelete("/{author}/followers/{follower}", UnfollowAsync).WithName("Unfollow");
        users.MapGet("/{author}/followers", FollowersAsync).WithName("Followers");
        users.MapPut("/{id}/interests", SetInterestsAsync).WithName("SetInterests");
        users.MapGet("/{id}/interests", InterestsAsync).WithName("Interests");
        users.MapDelete("/{id}/interests", ClearInterestsAsync).WithName("ClearInterests");
        users.MapPut("/{id}/muted/{author}", MuteAsync).WithName("Mute");
        users.MapDelete("/{id}/muted/{author}", UnmuteAsync).WithName("Unmute");
        users.MapGet("/{id}/muted", MutedAsync).WithName("Muted");
        app.MapGet("/api/presence", PresenceAsync).AddEndpointFilter(CheckUsersAsync).WithName("Presence");
        app.MapPost("/api/posts", PostAsync).AddEndpointFilter(CheckUsersAsync).WithName("Post");
    }

    /// <summary>Every user in the path has a known form; a store that is away is answered with 503.</summary>
    private static async ValueTask<object?> CheckUsersAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        foreach (var (_, user) in call.HttpContext.Request.RouteValues)
        {
            if (UserId.Problem(user as string) is { } problem)
                return Problems.BadRequest(problem);
        }

        try
        {
            return await next(call);
        }
        catch (SseUnavailableException e)
        {
            return Problems.Unavailable(call.HttpContext, e.Message, e.RetryAfter);
        }
    }

    private static async Task<IResult> FollowAsync(string author, string follower, ISocialStore store, Celebrities celebrities, UserStreams streams)
    {
        if (author == follower)
            return Problems.BadRequest($"The user {author} cannot follow themselves: name another follower.");
        var since = await celebrities.SinceNowAsync(author);
        await store.FollowAsync(author, follower, since);
        if (since is not null)
            await streams.ChangedAsync(follower);
        return Results.NoContent();
    }

    private static async Task<IResult> UnfollowAsync(string author, string follower, ISocialStore store, Celebrities celebrities, UserStreams streams)
    {
        await store.UnfollowAsync(author, follower);
        if (celebrities.Since.ContainsKey(author))
            await streams.ChangedAsync(follower);
        return Results.NoContent();
    }

    /// <summary>One page in the order of the names; the cursor is the last name, so that a page is exact whoever comes and goes.</summary>
    private static async Task<IResult> FollowersAsync(string author, HttpContext context, ISocialStore store)
    {
        var cursor = (string?)context.Request.Query["cursor"];
        if (cursor is not null && UserId.Problem(cursor) is not null)
            return Problems.BadRequest("The cursor is not one that this server gave: leave it out to start with the first page.");
        var page = await store.ReadFollowersAsync(author, cursor, FollowersPerPage);
        var next = page.Count == FollowersPerPage ? page[^1] : null;
        return Results.Ok(new FollowersAnswer(page, next, await store.CountFollowersAsync(author)));
    }

    private static async Task<IResult> PostAsync(HttpContext context, Posts posts, ILoggerFactory loggers)
    {
        var (post, error) = await SocialBody.ReadPostAsync(context);
        if (post is null)
            return Problems.BadRequest(error);
        var recipients = await posts.PublishAsync(post, context.RequestAborted);
        LogPosted(loggers.CreateLogger(typeof(SocialEndpoints)), post.Author, post.Id, recipients);
        return Results.Ok(new PostAnswer(recipients));
    }

    private static async Task<IResult> PresenceAsync(HttpContext context, ISseConnections connections)
    {
        var user = (string?)context.Request.Query["userId"];
        if (user is null)
            return Results.Ok(new PresenceAnswer(await connections.CountUsersAsync(context.RequestAborted)));
        if (UserId.Problem(user) is { } problem)
            return Problems.BadRequest(problem);
        var streams = await connections.CountAsync(SseTarget.User(user), context.RequestAborted);
        return Results.Ok(new UserPresenceAnswer(user, streams > 0, streams));
    }

    private static async Task<IResult> SetInterestsAsync(string id, HttpContext context, ISocialStore store, UserStreams streams)
    {
        var (types, error) = await SocialBody.ReadInterestsAsync(context);
        if (types is null)
            return Problems.BadRequest(error);
        await store.SetInterestsAsync(id, types);
        await streams.ChangedAsync(id);
        return Results.NoContent();
    }

    private static async Task<IResult> InterestsAsync(string id, ISocialStore store) =>
        (await store.ReadSettingsAsync(id)).Interests is { } types ? Results.Ok(types.Order(StringComparer.Ordinal)) : Results.Text("null", "application/json");

    private static async Task<IResult> ClearInterestsAsync(string id, ISocialStore store, UserStreams streams)
    {
        await store.SetInterestsAsync(id, null);
        await streams.ChangedAsync(id);
        return Results.NoContent();
    }

    private static async Task<IResult> MuteAsync(string id, string author, ISocialStore store, UserStreams streams)
    {
        if (id == author)
            return Problems.BadRequest($"The user {id} cannot mute themselves: name another author.");
        await store.SetMutedAsync(id, author, muted: true);
        await streams.ChangedAsync(id);
        return Results.NoContent();
    }

    private static async Task<IResult> UnmuteAsync(string id, string author, ISocialStore store, UserStreams streams)
    {
        await store.SetMutedAsync(id, author, muted: false);
        await streams.ChangedAsync(id);
        return Results.NoContent();
    }

    private static async Task<IResult> MutedAsync(string id, ISocialStore store) =>
        Results.Ok((await store.ReadSettingsAsync(id)).Muted.Order(StringComparer.Ordinal));

    [LoggerMessage(41, LogLevel.Information, "[SSE] {Author} posted {Post}: {Recipients} recipients")]
    private static partial void LogPosted(ILogger logger, string author, string post, long recipients);
}

/// <summary>A page of followers.</summary>
/// <param name="Followers">Their ids, in the order of their names.</param>
/// <param name="Cursor">Names the next page; null on the last one.</param>
/// <param name="Count">How many there are on all pages.</param>
internal sealed record FollowersAnswer(IReadOnlyList<string> Followers, string? Cursor, long Count);

/// <summary>What became of a post.</summary>
/// <param name="Recipients">How many followers get it.</param>
internal sealed record PostAnswer(long Recipients);

/// <summary>Who is online.</summary>
/// <param name="Users">How many users; one with streams on several replicas counts once for each.</param>
internal sealed record PresenceAnswer(int Users);

/// <summary>Whether one user is online.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Online">Whether the user has a stream open anywhere in the cluster.</param>
/// <param name="Streams">How many.</param>
internal sealed record UserPresenceAnswer(string UserId, bool Online, int Streams);
