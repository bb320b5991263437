using Microsoft.AspNetCore.Http.Features;

namespace SseScaling.Sockets;

/// <summary>When and how a request's socket leaves the web server: after all middleware, with the head as the server words it.</summary>
internal static class SocketHandOff
{
    /// <summary>Whether the request's socket may leave: plaintext HTTP/1, GET, no body, and a response that has not begun and goes straight to the socket.</summary>
    public static bool IsPossible(HttpContext context) =>
        context.Features.Get<IDetachableSocketFeature>() is { IsDetachable: true } && IsPlain(context.Request) && IsPlain(context.Response);

    /// <summary>
    /// Begins the response, so that whatever the middleware has registered for that runs, and takes the socket. Null when the client is gone; the
    /// connection is aborted then. Nothing of the request may be used afterwards but by its middleware, which ends as usual.
    /// </summary>
    public static async Task<DetachedSocket?> RunAsync(HttpContext context)
    {
        var socket = context.Features.GetRequiredFeature<IDetachableSocketFeature>();

        // Also keeps the server from reading another request.
        context.Response.Headers.Connection = "close";
        socket.HoldOutput();
        try
        {
            await context.Response.StartAsync();
            await context.Response.BodyWriter.FlushAsync();
            return socket.Detach();
        }
        finally
        {
            // Where nothing was detached, it aborts the connection.
            socket.ReleaseOutput();
        }
    }

    private static bool IsPlain(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && (HttpProtocol.IsHttp11(request.Protocol) || HttpProtocol.IsHttp10(request.Protocol))
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
        && request.HttpContext.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true };

    // Compression, buffering and the like replace the body; the server's own is the object that all of a request's features are.
    private static bool IsPlain(HttpResponse response) =>
        !response.HasStarted
        && ReferenceEquals(response.HttpContext.Features.Get<IHttpResponseBodyFeature>(), response.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>());
}
