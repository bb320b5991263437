using SseScaling.Api.Cluster;
using SseScaling.Api.Social;

namespace SseScaling.Api.Http;

/// <summary>The event streams of the contract.</summary>
internal static class StreamEndpoints
{
    public static void MapStreams(this IEndpointRouteBuilder app)
    {
        var streams = app.MapGroup("/api").WithTags("Streams").AddEndpointFilter(NameReplicaAsync);
        streams.MapSse("/notifications", Notifications).AcceptQuery("userId", "types", "batch", "lastEventId")
            .WithName("UserStream").WithSummary("A user's notifications");
        streams.MapSse("/stream", stream => stream.TopicsFromQuery().TypesFromQuery().BatchFromQuery()).AcceptQuery("topic", "types", "batch", "lastEventId")
            .WithName("TopicStream").WithSummary("Any topics");
    }

    private static IResult Notifications(SseStream stream, WishPlans plans)
    {
        var user = (string?)stream.HttpContext.Request.Query["userId"].LastOrDefault();
        if (string.IsNullOrEmpty(user))
            return Problems.BadRequest("The parameter userId is missing: name the user, e.g. /api/notifications?userId=42.");
        stream.Topic(SocialTopics.OfUser(user)).TypesFromQuery().BatchFromQuery().OwnedBy(user);
        if (plans.AreNeeded)
            stream.Follow(plan => plans.AddAsync(user, plan));
        return Results.Empty;
    }

    /// <summary>A misspelled parameter is told, rather than a stream opened that delivers something else.</summary>
    private static RouteHandlerBuilder AcceptQuery(this RouteHandlerBuilder endpoint, params string[] names) => endpoint.AddEndpointFilter((call, next) =>
        call.HttpContext.Request.Query.Keys.FirstOrDefault(name => !names.Contains(name)) is { } unknown
            ? ValueTask.FromResult<object?>(Problems.BadRequest($"The query parameter '{unknown}' is unknown here: it takes {string.Join(", ", names[..^1])} and {names[^1]}."))
            : next(call));

    private static ValueTask<object?> NameReplicaAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        if (call.HttpContext.RequestServices.GetRequiredService<ReplicaStop>().ServedBy is { } replica)
            call.HttpContext.Response.Headers[ReplicaStop.Header] = replica;
        return next(call);
    }
}
