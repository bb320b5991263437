using SseScaling.Api.Access;
using SseScaling.Api.Cluster;
using SseScaling.Api.Social;

namespace SseScaling.Api.Http;

/// <summary>The event streams of the contract.</summary>
internal static class StreamEndpoints
{
    public static void MapStreams(this IEndpointRouteBuilder app)
    {
        var streams = app.MapGroup("/api").WithTags("Streams").RequireRateLimiting(AccessExtensions.Connecting).AddEndpointFilter(NameReplicaAsync);
        streams.MapSse("/notifications", Notifications)
            .WithName("UserStream").WithSummary("A user's notifications");
        streams.MapSse("/stream", stream => stream.TopicsFromQuery().TypesFromQuery().BatchFromQuery())
            .WithName("TopicStream").WithSummary("Any topics");
    }

    // A user's stream is the principal's own; whoever may act for others names one.
    private static IResult Notifications(SseStream stream, WishPlans plans, AccessRules rules)
    {
        var user = (string?)stream.HttpContext.Request.Query["userId"].LastOrDefault() ?? AccessRules.IdOf(stream.User);
        if (string.IsNullOrEmpty(user))
            return Problems.BadRequest("The parameter userId is missing: name the user, e.g. /api/notifications?userId=42.");
        if (!rules.MayActFor(stream.User, user))
            return Problems.NotYours(user);
        stream.Topic(SocialTopics.OfUser(user)).TypesFromQuery().BatchFromQuery().OwnedBy(user);
        if (plans.AreNeeded)
            stream.Follow(plan => plans.AddAsync(user, plan));
        return Results.Empty;
    }

    private static ValueTask<object?> NameReplicaAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        if (call.HttpContext.RequestServices.GetRequiredService<ReplicaStop>().ServedBy is { } replica)
            call.HttpContext.Response.Headers[ReplicaStop.Header] = replica;
        return next(call);
    }
}
