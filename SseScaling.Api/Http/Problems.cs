using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using SseScaling.Api.Access;

namespace SseScaling.Api.Http;

/// <summary>Errors as problem details (RFC 9457), each with a sentence that says what to do.</summary>
internal static class Problems
{
    private const string NotAsItIs = "The request cannot be served as it is.";

    public static ProblemHttpResult BadRequest(string detail) => BadRequest(detail, StatusCodes.Status400BadRequest);

    /// <param name="detail">The sentence.</param>
    /// <param name="status">400, or another one that says that the request itself is wrong.</param>
    public static ProblemHttpResult BadRequest(string detail, int status) => TypedResults.Problem(detail, statusCode: status, title: NotAsItIs);

    public static ProblemHttpResult Unauthorized(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status401Unauthorized, title: "Who are you?");

    public static ProblemHttpResult NotYours(string user) => TypedResults.Problem(
        $"This is for the user {user} to do: sign in as {user}, or with the role {AccessRules.ActAs}.", statusCode: StatusCodes.Status403Forbidden, title: "You may not do that.");

    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: "That cannot be done now.");

    public static ProblemHttpResult TooLarge(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status413PayloadTooLarge, title: "The request is too large.");

    /// <summary>503 with Retry-After, at least one second.</summary>
    public static ProblemHttpResult Unavailable(HttpContext context, string detail, TimeSpan retryAfter)
    {
        RetryAfter(context, retryAfter);
        return TypedResults.Problem(
            detail, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The service is not available at the moment.");
    }

    /// <summary>429 with Retry-After.</summary>
    public static ProblemHttpResult TooMany(HttpContext context, string detail)
    {
        RetryAfter(context, TimeSpan.FromSeconds(Random.Shared.Next(5, 16)));
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status429TooManyRequests, title: "Too many streams.");
    }

    /// <summary>Gives a sentence to what the framework answers by itself, with nothing but a status.</summary>
    public static void Explain(ProblemDetailsContext problem) => problem.ProblemDetails.Detail ??= problem.ProblemDetails.Status switch
    {
        StatusCodes.Status401Unauthorized => "Nobody is signed in: send a token as Authorization: Bearer, or get a cookie for one at /api/session.",
        StatusCodes.Status403Forbidden => "You have no right to this: it wants another role.",
        StatusCodes.Status429TooManyRequests => "Too many requests: wait as long as the header Retry-After says.",
        StatusCodes.Status404NotFound => $"Nothing is at {problem.HttpContext.Request.Path}: check the path, the README lists the API.",
        StatusCodes.Status405MethodNotAllowed => "This path does not take the request's method: the response header Allow names those that it takes.",
        StatusCodes.Status415UnsupportedMediaType => "The body is JSON: send it with the header Content-Type: application/json.",
        StatusCodes.Status500InternalServerError => "The server failed: its log says why, with this traceId.",
        StatusCodes.Status413PayloadTooLarge => $"A body has at most {MaxBody(problem.HttpContext)} bytes here: send less.",
        _ => null,
    };

    private static long? MaxBody(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize;

    private static void RetryAfter(HttpContext context, TimeSpan delay) =>
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
