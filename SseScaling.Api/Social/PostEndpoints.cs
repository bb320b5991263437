using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using SseScaling.Api.Access;
using SseScaling.Api.Http;

namespace SseScaling.Api.Social;

/// <summary><c>POST /api/posts</c>: tells an author's followers of a post.</summary>
internal static partial class PostEndpoints
{
    public static void MapPosts(this IEndpointRouteBuilder app) => app.MapPost("/api/posts", PostAsync)
        .WithTags("Posts").WithName("Post").WithSummary("Publishes a post to the author's followers")
        .WithDescription("Posting the same again is harmless: each follower gets one event of a post.")
        .WithBody(PostRequest.Form)
        .RequireRateLimiting(AccessExtensions.Publishing)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<Ok<PostAnswer>, ProblemHttpResult>> PostAsync(
        PostRequest request, Posts posts, AccessRules rules, ClaimsPrincipal user, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (request.Read(out var error) is not { } post)
            return Problems.BadRequest(error);
        if (!rules.MayActFor(user, post.Author))
            return Problems.NotYours(post.Author);
        var recipients = await posts.PublishAsync(post, cancellationToken);
        LogPosted(loggers.CreateLogger(typeof(PostEndpoints)), post.Author, post.Id, recipients);
        return TypedResults.Ok(new PostAnswer(recipients));
    }

    [LoggerMessage(41, LogLevel.Information, "[SSE] {Author} posted {Post}: {Recipients} recipients")]
    private static partial void LogPosted(ILogger logger, string author, string post, long recipients);
}

/// <summary>What became of a post.</summary>
/// <param name="Recipients">How many followers get it.</param>
internal sealed record PostAnswer(long Recipients);
