using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using SseScaling.Authorization;

namespace SseScaling.Endpoints;

/// <summary>The answer to a request without the right.</summary>
internal static class RightRefusal
{
    /// <summary>The answer; null when there is nothing to refuse.</summary>
    /// <remarks>A revoked right is final: an EventSource that comes back with it is answered by 204, after which it stops by itself; all others get the true status.</remarks>
    public static async ValueTask<IResult?> OfAsync(HttpContext context, RightProblem problem, OperationAuthorizationRequirement operation, SseOptions options)
    {
        switch (problem.Kind)
        {
            case RightProblemKind.None:
                return null;
            case RightProblemKind.Unknown:
                return StreamRefusal.NotReady(options);
            case RightProblemKind.Forbidden:
                return Problems.Forbidden(
                    $"You have no right to {(operation == SseOperations.Publish ? "publish on" : "listen to")} the topic {problem.Topic}: ask for another, or for the right.");
            case RightProblemKind.Revoked when StreamRefusal.IsEventSource(context.Request):
                return TypedResults.NoContent();
        }

        // The scheme says how one authenticates.
        var scheme = await context.RequestServices.GetRequiredService<IAuthenticationSchemeProvider>().GetDefaultChallengeSchemeAsync();
        return scheme is not null ? TypedResults.Challenge() : Problems.Unauthorized(problem.Kind switch
        {
            RightProblemKind.Anonymous => "Nobody is signed in: send a token or a cookie.",
            RightProblemKind.Revoked => "The token was revoked: sign in again.",
            _ => "The token has expired: renew it.",
        });
    }
}
