using System.Globalization;

namespace SseScaling.Api.Http;

/// <summary>Errors as problem details (RFC 9457), each with a sentence that says what to do.</summary>
internal static class Problems
{
    public static IResult BadRequest(string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "The request cannot be served as it is.");

    public static IResult Conflict(string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: "That cannot be done now.");

    public static IResult TooLarge(string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status413PayloadTooLarge, title: "The request is too large.");

    /// <summary>503 with Retry-After, at least one second.</summary>
    public static IResult Unavailable(HttpContext context, string detail, TimeSpan retryAfter)
    {
        RetryAfter(context, retryAfter);
        return Results.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The service is not available at the moment.");
    }

    /// <summary>429 with Retry-After.</summary>
    public static IResult TooMany(HttpContext context, string detail)
    {
        RetryAfter(context, TimeSpan.FromSeconds(Random.Shared.Next(5, 16)));
        return Results.Problem(detail, statusCode: StatusCodes.Status429TooManyRequests, title: "Too many streams.");
    }

    private static void RetryAfter(HttpContext context, TimeSpan delay) =>
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
