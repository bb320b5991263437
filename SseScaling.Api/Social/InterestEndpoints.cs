using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SseScaling.Api.Access;
using SseScaling.Api.Http;

namespace SseScaling.Api.Social;

/// <summary><c>/api/users/{id}/interests</c>: the types of events that a user wants.</summary>
internal static class InterestEndpoints
{
    /// <summary>The most types that a user may name: they are read with every call that publishes to the user.</summary>
    public const int MaxInterests = 100;

    private const int MaxTypeLength = 64;

    private static readonly string Interest =
        $"An interest is the type of an event: a string of 1 to {MaxTypeLength} characters without control characters.";

    private static readonly BodyForm Form = new("Interests are an array of types", """["like","new-post"]""", [], Interest);

    public static void MapInterests(this IEndpointRouteBuilder app)
    {
        var interests = app.MapGroup("/api/users/{id}/interests").WithTags("Interests").WithUserIds().RequireUser("id");
        interests.MapPut("", SetAsync).WithName("SetInterests").WithSummary("Sets the types of events that a user wants")
            .WithDescription("Other types are neither kept nor sent for the user; streams that are open change at once. At most 100 types of 1 to 64 characters.")
            .WithBody(Form);
        interests.MapGet("", ReadAsync).WithName("Interests").WithSummary("Lists the types of events that a user wants")
            .WithDescription("null: all types.").AddOpenApiOperationTransformer(DescribeNullAsync);
        interests.MapDelete("", ClearAsync).WithName("ClearInterests").WithSummary("Makes a user want all types of events");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SetAsync(string id, string?[] types, ISocialStore store, ISseConnections connections)
    {
        if (types.Length > MaxInterests)
            return Problems.BadRequest($"A user has at most {MaxInterests} interests, these are {types.Length}: name fewer, or DELETE them to get all.");
        if (!Array.TrueForAll(types, type => type is { Length: > 0 and <= MaxTypeLength } && !type.Any(char.IsControl)))
            return Problems.BadRequest(Interest);
        await store.SetInterestsAsync(id, types.ToHashSet()!);
        await connections.RefreshAsync(SseTarget.User(id));
        return TypedResults.NoContent();
    }

    // No typed result: TypedResults.Ok of null has no body, and the answer is the JSON null.
    private static async Task<string[]?> ReadAsync(string id, ISocialStore store) =>
        (await store.ReadSettingsAsync(id)).Interests?.Order(StringComparer.Ordinal).ToArray();

    private static async Task<NoContent> ClearAsync(string id, ISocialStore store, ISseConnections connections)
    {
        await store.SetInterestsAsync(id, null);
        await connections.RefreshAsync(SseTarget.User(id));
        return TypedResults.NoContent();
    }

    private static Task DescribeNullAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var content in operation.Responses?["200"].Content?.Values ?? [])
        {
            if (content.Schema is OpenApiSchema schema)
                schema.Type |= JsonSchemaType.Null;
        }

        return Task.CompletedTask;
    }
}
