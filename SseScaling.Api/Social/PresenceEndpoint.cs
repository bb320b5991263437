using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SseScaling.Api.Access;
using SseScaling.Api.Http;

namespace SseScaling.Api.Social;

/// <summary><c>GET /api/presence</c>: who is online.</summary>
internal static class PresenceEndpoint
{
    public static void MapPresence(this IEndpointRouteBuilder app) => app.MapGet("/api/presence", PresenceAsync)
        .RequireOperator()
        .WithTags("Presence").WithName("Presence").WithSummary("Says who is online")
        .WithDescription("With userId: whether the user has a stream open anywhere in the cluster. Without: how many users have one.")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .AddOpenApiOperationTransformer(DescribeAsync);

    // ASP.NET Core describes one of the two answers.
    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var content in operation.Responses?["200"].Content?.Values ?? [])
        {
            content.Schema = new OpenApiSchema
            {
                OneOf =
                [
                    await context.GetOrCreateSchemaAsync(typeof(PresenceAnswer), cancellationToken: cancellationToken),
                    await context.GetOrCreateSchemaAsync(typeof(UserPresenceAnswer), cancellationToken: cancellationToken),
                ],
            };
        }
    }

    private static async Task<Results<Ok<PresenceAnswer>, Ok<UserPresenceAnswer>, ProblemHttpResult>> PresenceAsync(
        [Description("The user; left out: all of them.")] string? userId, ISseConnections connections, CancellationToken cancellationToken)
    {
        if (userId is null)
            return TypedResults.Ok(new PresenceAnswer(await connections.CountUsersAsync(cancellationToken)));
        if (UserId.Problem(userId) is { } problem)
            return Problems.BadRequest(problem);
        var streams = await connections.CountAsync(SseTarget.User(userId), cancellationToken);
        return TypedResults.Ok(new UserPresenceAnswer(userId, streams > 0, streams));
    }
}

/// <summary>Who is online.</summary>
/// <param name="Users">How many users; one with streams on several replicas counts once for each.</param>
internal sealed record PresenceAnswer(int Users);

/// <summary>Whether one user is online.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Online">Whether the user has a stream open anywhere in the cluster.</param>
/// <param name="Streams">How many.</param>
internal sealed record UserPresenceAnswer(string UserId, bool Online, int Streams);
