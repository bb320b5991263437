using Microsoft.AspNetCore.Http.HttpResults;

namespace SseScaling.Endpoints;

/// <summary>The filter behind <c>MapSse</c>: lets the application's delegate say what a stream delivers, and then serves it.</summary>
internal static class StreamEndpoint
{
    public static async ValueTask<object?> ServeAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var result = await next(call);
        if (result is IResult and not EmptyHttpResult)
            return result;
        var admission = call.HttpContext.RequestServices.GetRequiredService<StreamAdmission>();
        return await admission.ServeAsync(call.Arguments.OfType<SseStream>().First());
    }
}
