using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using SseScaling.Api.Http;
using SseScaling.Api.Social;

namespace SseScaling.Api.Access;

/// <summary>
/// <c>/api/demo/session</c>: on a developer's own machine whoever asks is signed in as any user, so that one can watch a right end, be renewed and be revoked. Only with
/// <c>Access:DemoSignIn</c>, in Development, on loopback.
/// </summary>
internal static class DemoSignIn
{
    public static void MapDemoSignIn(this IEndpointRouteBuilder app)
    {
        var session = app.MapGroup("/api/demo/session/{id}").AllowAnonymous().WithTags("Demo");
        session.MapPost("", SignInAsync).WithName("DemoSignIn").WithSummary("Signs in as a user, without asking for anything")
            .WithDescription("For Access:SessionLifetime. Mapped only where Access:DemoSignIn allows it, in Development.");
        session.MapDelete("", RevokeAsync).WithName("DemoRevoke").WithSummary("Ends a user's rights at once")
            .WithDescription("All cookies and tokens of the user that were issued until now are void.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Results<Ok<Session>, ProblemHttpResult>> SignInAsync(string id, HttpContext context, IOptions<AccessOptions> options, TimeProvider time)
    {
        if (UserId.Problem(id) is { } problem)
            return Problems.BadRequest(problem);
        // The user's own stream, messages to others, and the monitor.
        var user = new ClaimsPrincipal(new ClaimsIdentity([new("sub", id), new("sse_pub", SocialTopics.OfUser("*")), new("role", AccessRules.Operator)], "demo"));
        var expires = time.GetUtcNow() + options.Value.SessionLifetime;
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, user, new AuthenticationProperties { ExpiresUtc = expires, IsPersistent = true });
        return TypedResults.Ok(new Session(id, expires));
    }

    private static async Task<NoContent> RevokeAsync(string id, ISseConnections connections, CancellationToken cancellationToken)
    {
        await connections.RevokeAsync(SseTarget.User(id), cancellationToken: cancellationToken);
        return TypedResults.NoContent();
    }
}
