using SseScaling.Api.Http;

namespace SseScaling.Api.Social;

/// <summary>Refuses users of an unknown form in a path.</summary>
internal static class UserIdFilter
{
    /// <summary>Every route parameter of these endpoints is a user's id; one of an unknown form is answered with 400, a store that is away with 503.</summary>
    public static RouteGroupBuilder WithUserIds(this RouteGroupBuilder group) => group
        .AddEndpointFilter(CheckAsync)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static ValueTask<object?> CheckAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        foreach (var (_, user) in call.HttpContext.Request.RouteValues)
        {
            if (UserId.Problem(user as string) is { } problem)
                return ValueTask.FromResult<object?>(Problems.BadRequest(problem));
        }

        return next(call);
    }
}
