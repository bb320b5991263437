using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using SseScaling.Authorization;
using SseScaling.Cluster;
using SseScaling.Connections;
using SseScaling.Sockets;
using SseScaling.Topics;

namespace SseScaling.Endpoints;

/// <summary>How a stream is let in, whichever way it is served: what it asks for, a place, the user's limit, the way to the client, its topics, the list of all streams.</summary>
/// <remarks>A reserved place is given back by the stream's end once it began, before that by whatever refuses it here.</remarks>
internal sealed class StreamAdmission(
    ConnectionRegistry connections, OpenStreams streams, StreamTracker users, StreamHooks hooks, ReplicaDirectory replicas, TopicRights rights, Revocations revocations)
{
    /// <summary>Serves a stream, or says why not. Completes when the request may end: on a socket of its own the stream goes on.</summary>
    public async Task<IResult> ServeAsync(SseStream stream)
    {
        if (StreamRequest.Read(stream, connections.Options, out var problem) is not { } request)
            return Problems.BadRequest(problem);
        if (request.IsOver)
            return TypedResults.NoContent();
        var right = rights.Of(stream.HttpContext);
        var problemOfRight = await rights.CheckAsync(stream.HttpContext, right, stream.AskedTopics, SseOperations.Subscribe);
        if (await RightRefusal.OfAsync(stream.HttpContext, problemOfRight, SseOperations.Subscribe, connections.Options) is { } refused)
            return refused;
        await replicas.JoinedAsync();
        if (!connections.TryReserve())
            return StreamRefusal.NoPlace(connections.Options, connections.IsDraining);
        if (!connections.Addresses.TryTake(stream.HttpContext.Connection.RemoteIpAddress, out var place))
        {
            connections.Release();
            return StreamRefusal.TooManyOfAddress();
        }

        var connection = Connect(stream.HttpContext, request);
        connection.AddressPlace = place;
        if (right is not null)
            right.StreamId = new StreamName(replicas.Own, connection.Number).ToString();
        connection.Right = right;
        connection.PositionForm = StreamRequest.PositionFormOf(stream.HttpContext.Request);
        using var response = connection as ResponseConnection;
        if (!await TryEnterAsync(connection))
            return StreamRefusal.TooManyStreams(request.User!);
        SetHeaders(stream.HttpContext.Response.Headers);
        if (!await TryBeginAsync(connection, stream.HttpContext))
            return TypedResults.Empty;
        var open = streams.Open(connection, request.Plan, request.Follow is null ? null : request.ReadPlanAsync, stream.AskedTopics);
        connections.Add(connection, AddressOf(stream.HttpContext.Connection));
        if (request.Plan.HasLostPosition)
            connections.Metrics.Gap(1);
        // Whoever revoked it meanwhile did not find the stream.
        if (right is not null && revocations.Includes(right))
            connections.End(connection, SseDisconnectReason.Revoked, forGood: true);
        users.Enter(connection);
        hooks.Begin(open);
        LeaveOutOfTraces(stream.HttpContext);
        await connection.RunAsync();
        return TypedResults.Empty;
    }

    private Connection Connect(HttpContext context, StreamRequest request) =>
        OperatingSystem.IsLinux() && SocketHandOff.IsPossible(context)
            ? new DirectConnection(connections, request.Label, request.User)
            : new ResponseConnection(connections, request.Label, request.User, context);

    /// <summary>Asks the register of users' streams where the answer depends on it; false when the user has too many.</summary>
    private async Task<bool> TryEnterAsync(Connection connection)
    {
        var isEntered = false;
        try
        {
            // Not cancelled with the request: what was entered would never be given back.
            isEntered = await users.TryEnterAsync(connection, CancellationToken.None);
        }
        finally
        {
            if (!isEntered)
                Release(connection);
        }

        return isEntered;
    }

    private async Task<bool> TryBeginAsync(Connection connection, HttpContext context)
    {
        var isBegun = false;
        try
        {
            isBegun = await connection.TryBeginAsync(context);
        }
        finally
        {
            if (!isBegun)
            {
                users.Leave(connection);
                Release(connection);
            }
        }

        return isBegun;
    }

    private void Release(Connection connection)
    {
        connections.Release();
        connections.Addresses.Release(connection.AddressPlace);
    }

    /// <summary>What the answer that is a stream says of itself.</summary>
    public static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentType = "text/event-stream";
        headers.CacheControl = "no-cache,no-transform";
        headers["X-Accel-Buffering"] = "no";
    }

    private static string AddressOf(ConnectionInfo client) => client.RemoteIpAddress is { } address ? new IPEndPoint(address, client.RemotePort).ToString() : "an unknown address";

    // The span of a stream would be sent when it ends, hours later, and those of thousands at the same time when a replica stops; a refused one stays.
    private static void LeaveOutOfTraces(HttpContext context) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
}
