using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using SseScaling.Api.Cluster;
using SseScaling.Connections;
using SseScaling.Sockets;

namespace SseScaling.Api.Http;

/// <summary>
/// <c>GET /api/notifications</c> and <c>GET /api/stream</c>: admits a stream and gives it its connection, on the socket itself where that can leave the web
/// server, else on the response. What DirectSockets/ serves at accept does not come here.
/// </summary>
internal static class StreamEndpoint
{
    public static void MapStreams(this IEndpointRouteBuilder app)
    {
        Map(app, StreamRequest.UserPath).WithName("UserStream");
        Map(app, StreamRequest.TopicsPath).WithName("TopicStream");
    }

    // The path's own spelling decides what is served: the request's may differ in case, escapes and a slash at its end.
    private static RouteHandlerBuilder Map(IEndpointRouteBuilder app, string path) => app.MapGet(
        path, (HttpContext context, ConnectionRegistry connections, StreamAdmission admission, ReplicaStop replica) =>
            StreamAsync(path, context, connections, admission, replica));

    private static async Task<IResult> StreamAsync(
        string path, HttpContext context, ConnectionRegistry connections, StreamAdmission admission, ReplicaStop replica)
    {
        var lastEventId = (string?)context.Request.Headers["Last-Event-ID"];
        var request = StreamRequest.Read(path, context.Request.QueryString.Value ?? "", lastEventId, out var error);
        if (request is null)
            return Problems.BadRequest(error);
        if (request.IsOver)
            return Results.NoContent();
        if (!admission.TryReserve())
        {
            var why = connections.IsDraining ? "This replica is stopping: reconnect." : "All places for streams are taken: try again later.";
            return Problems.Unavailable(context, why, TimeSpan.FromSeconds(Random.Shared.Next(1, 6)));
        }

        var connection = Connect(context, connections, request);
        using var response = connection as ResponseConnection;
        if (!await admission.TryEnterAsync(connection))
            return Problems.TooMany(context, $"The user {request.User} has too many open streams: close one, or share one between tabs.");
        SetHeaders(context.Response.Headers, replica.ServedBy);
        if (await TryBeginAsync(connection, context, admission))
        {
            admission.Begin(connection, request);
            LeaveOutOfTraces(context);
            await connection.RunAsync();
        }

        return Results.Empty;
    }

    private static async Task<bool> TryBeginAsync(Connection connection, HttpContext context, StreamAdmission admission)
    {
        var isBegun = false;
        try
        {
            isBegun = await connection.TryBeginAsync(context);
        }
        finally
        {
            if (!isBegun)
                admission.Withdraw(connection);
        }

        return isBegun;
    }

    private static Connection Connect(HttpContext context, ConnectionRegistry connections, StreamRequest request) =>
        OperatingSystem.IsLinux() && SocketHandOff.IsPossible(context)
            ? new DirectConnection(connections, request.Label, request.User)
            : new ResponseConnection(connections, request.Label, request.User, context);

    private static void SetHeaders(IHeaderDictionary headers, string? servedBy)
    {
        headers.ContentType = "text/event-stream";
        headers.CacheControl = "no-cache,no-transform";
        headers["X-Accel-Buffering"] = "no";
        if (servedBy is not null)
            headers[ReplicaStop.Header] = servedBy;
    }

    // The span of a stream would be sent when it ends, hours later, and those of thousands at the same time when a replica stops; a refused one stays.
    private static void LeaveOutOfTraces(HttpContext context) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
}
