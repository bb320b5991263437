using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace SseScaling.Api.Http;

/// <summary>Answers the failures that any endpoint may end with: a body that cannot be read, and an event log or a store that is away.</summary>
internal sealed class ProblemHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            SseUnavailableException away => Problems.Unavailable(httpContext, away.Message, away.RetryAfter),
            BadHttpRequestException bad => BadRequest(httpContext, bad),
            _ => null,
        };
        if (problem is null)
            return false;
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    // The context has no endpoint any more; the feature still knows which one it was.
    private static ProblemHttpResult BadRequest(HttpContext context, BadHttpRequestException bad)
    {
        var body = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<BodyForm>();
        return Problems.BadRequest(body is null ? bad.Message : (bad.StatusCode, bad.InnerException) switch
        {
            (_, JsonException json) => body.Problem(json),
            (StatusCodes.Status400BadRequest, null) => body.Missing,
            _ => bad.Message,
        }, bad.StatusCode);
    }
}
