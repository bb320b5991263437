using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace SseScaling.Endpoints;

/// <summary>Errors as problem details (RFC 9457), each with a sentence that says what to do.</summary>
internal static class Problems
{
    public static ProblemHttpResult BadRequest(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "The request cannot be served as it is.");

    public static ProblemHttpResult TooLarge(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status413PayloadTooLarge, title: "The request is too large.");

    public static ProblemHttpResult NoPlace(HttpContext context, bool isDraining) => Unavailable(
        context,
        isDraining ? "This replica is stopping: reconnect." : "All places for streams are taken: try again later.",
        TimeSpan.FromSeconds(Random.Shared.Next(1, 6)));

    /// <summary>503 with Retry-After, at least one second.</summary>
    public static ProblemHttpResult Unavailable(HttpContext context, string detail, TimeSpan retryAfter)
    {
        RetryAfter(context, retryAfter);
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The service is not available at the moment.");
    }

    public static ProblemHttpResult TooManyStreams(HttpContext context, string user)
    {
        RetryAfter(context, TimeSpan.FromSeconds(Random.Shared.Next(5, 16)));
        return TypedResults.Problem(
            $"The user {user} has too many open streams: close one, or share one between tabs.",
            statusCode: StatusCodes.Status429TooManyRequests,
            title: "Too many streams.");
    }

    private static void RetryAfter(HttpContext context, TimeSpan delay) =>
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
