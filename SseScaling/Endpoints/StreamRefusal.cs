using System.Globalization;
using System.Text;

namespace SseScaling.Endpoints;

/// <summary>A stream that cannot be served at the moment, for a reason that passes: no place, a limit, a stop.</summary>
/// <remarks>
/// A browser's EventSource gives up for good on any answer but a stream. So one that asks gets a stream that says when to come back, and ends; its position stays what it
/// is, since no id is sent. Everybody else gets the true status with Retry-After. An EventSource is told by what it must send (<c>Accept</c>) and a browser
/// adds to each request (<c>Sec-Fetch-Mode</c>), or, where it is no browser's, by its coming back (a last event id).
/// </remarks>
/// <param name="status">503 or 429.</param>
/// <param name="title">What kind of reason it is.</param>
/// <param name="detail">A sentence that says what to do.</param>
/// <param name="retryAfter">When to come back, at least a second.</param>
internal sealed class StreamRefusal(int status, string title, string detail, TimeSpan retryAfter) : IResult
{
    public static StreamRefusal NoPlace(SseOptions options, bool isDraining) => new(
        StatusCodes.Status503ServiceUnavailable,
        "The service is not available at the moment.",
        isDraining ? "This replica is stopping: reconnect." : "All places for streams are taken: try again later.",
        Spread(isDraining ? options.Retry : TimeSpan.FromSeconds(2)));

    public static StreamRefusal NotReady(SseOptions options) => new(
        StatusCodes.Status503ServiceUnavailable,
        "The service is not available at the moment.",
        "This replica does not know yet which rights were revoked: try again later.",
        Spread(options.Retry));

    public static StreamRefusal TooManyStreams(string user) => new(
        StatusCodes.Status429TooManyRequests,
        "Too many streams.",
        $"The user {user} has too many open streams: close one, or share one between tabs.",
        Spread(TimeSpan.FromSeconds(5)));

    public static StreamRefusal TooManyOfAddress() => new(
        StatusCodes.Status429TooManyRequests,
        "Too many streams.",
        "Your address has too many open streams: close one, or share one between tabs.",
        Spread(TimeSpan.FromSeconds(5)));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        if (IsEventSource(httpContext.Request))
        {
            await SendAwayAsync(httpContext.Response);
            return;
        }

        httpContext.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await TypedResults.Problem(detail, statusCode: status, title: title).ExecuteAsync(httpContext);
    }

    private async Task SendAwayAsync(HttpResponse response)
    {
        var body = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $": {detail}\nretry: {(long)retryAfter.TotalMilliseconds}\n\n"));
        StreamAdmission.SetHeaders(response.Headers);
        response.ContentLength = body.Length;

        // Its place is another's by the time it comes back.
        if (HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol))
            response.Headers.Connection = "close";
        await response.Body.WriteAsync(body);
    }

    /// <summary>Whether a browser's EventSource asks, or another that comes back.</summary>
    public static bool IsEventSource(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase)
        && (request.Headers.ContainsKey("Sec-Fetch-Mode") || StreamRequest.LastEventIdOf(request) is { Length: > 0 });

    /// <summary>One to three times as long: those who are sent away together do not come back together.</summary>
    private static TimeSpan Spread(TimeSpan least) => least * (1 + (2 * Random.Shared.NextDouble()));
}
