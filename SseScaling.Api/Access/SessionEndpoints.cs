using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using SseScaling.Api.Http;

namespace SseScaling.Api.Access;

/// <summary>
/// <c>/api/session</c>: a cookie for a token. A browser's EventSource sends no headers, and a token in a URL ends up in logs; a cookie that scripts cannot read goes along by itself.
/// </summary>
internal static class SessionEndpoints
{
    /// <summary>The cookie's name.</summary>
    public const string Cookie = "sse-session";

    public static void MapSession(this IEndpointRouteBuilder app)
    {
        var session = app.MapGroup("/api/session").WithTags("Session");
        session.MapPost("", BeginAsync).WithName("BeginSession").WithSummary("Gives a cookie for the token of this request")
            .WithDescription("It has the token's rights, and ends with it. Renew it with a newer token whenever the stream's event reauthenticate says so: the stream goes on where it stood.");
        app.MapDelete("/api/users/{id}/sessions", RevokeAsync).RequireOperator().WithTags("Session").WithName("RevokeSessions").WithSummary("Ends a user's rights at once")
            .WithDescription("All tokens and cookies of the user that were issued until now are void on every replica; the user's streams end for good.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        app.MapSseTicket("/api/stream/ticket").WithTags("Session").WithName("GetTicket").RequireRateLimiting(AccessExtensions.Connecting)
            .WithDescription("For pages of another origin, whose EventSource can send neither token nor cookie: the ticket opens one stream, as ?ticket= in its URL, within 30 seconds. Name the topics as that stream will.");
        session.MapDelete("", (Delegate)EndAsync).AllowAnonymous().WithName("EndSession").WithSummary("Takes the cookie away");
    }

    /// <summary>What a page asks before it shows anything of rights; answered where access is open, too.</summary>
    public static void MapSessionState(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/session", Read).AllowAnonymous().WithTags("Session").WithName("Session").WithSummary("Says who is signed in, and until when");

    private static Ok<SessionState> Read(HttpContext context, AccessRules rules, IOptions<AccessOptions> options) => TypedResults.Ok(new SessionState(
        !rules.IsOpen,
        !rules.IsOpen && options.Value.DemoSignIn,
        AccessRules.IdOf(context.User),
        context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc));

    private static async Task<Results<Ok<Session>, ProblemHttpResult>> BeginAsync(HttpContext context, IOptions<AccessOptions> options, TimeProvider time)
    {
        // Of a cookie's rights no newer cookie is made: it would never end.
        var token = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        if (!token.Succeeded)
            return Problems.Unauthorized("A session is given for a token: send one as Authorization: Bearer.");
        var latest = time.GetUtcNow() + options.Value.SessionLifetime;
        var expires = token.Properties?.ExpiresUtc is { } end && end < latest ? end : latest;
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, token.Principal, new AuthenticationProperties { ExpiresUtc = expires, IsPersistent = true });
        return TypedResults.Ok(new Session(AccessRules.IdOf(token.Principal), expires));
    }

    private static async Task<NoContent> RevokeAsync(string id, ISseConnections connections, CancellationToken cancellationToken)
    {
        await connections.RevokeAsync(SseTarget.User(id), cancellationToken: cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> EndAsync(HttpContext context)
    {
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return TypedResults.NoContent();
    }
}

/// <summary>A session that has begun.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record Session(string? UserId, DateTimeOffset ExpiresAt);

/// <summary>Who somebody is here.</summary>
/// <param name="IsRequired">Whether one must be signed in at all.</param>
/// <param name="CanSignIn">Whether the demo may sign in as any user.</param>
/// <param name="UserId">Who is signed in; null: nobody.</param>
/// <param name="ExpiresAt">When that ends; null: it does not.</param>
internal sealed record SessionState(bool IsRequired, bool CanSignIn, string? UserId, DateTimeOffset? ExpiresAt);
