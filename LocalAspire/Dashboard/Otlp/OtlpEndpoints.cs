using Google.Protobuf;
using LocalAspire.Dashboard.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LocalAspire.Dashboard.Otlp;

/// <summary>Takes OTLP by HTTP with protobuf. The answer is the empty message: everything was accepted.</summary>
internal static class OtlpEndpoints
{
    private const string Protobuf = "application/x-protobuf";

    public static void MapOtlp(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/logs", (HttpRequest request, TelemetryStore store) => TakeAsync(request, LogsRequest.Parser, store.Logs.Add));
        routes.MapPost("/v1/traces", (HttpRequest request, TelemetryStore store) => TakeAsync(request, TracesRequest.Parser, store.Traces.Add));
        routes.MapPost("/v1/metrics", (HttpRequest request, TelemetryStore store) => TakeAsync(request, MetricsRequest.Parser, store.Metrics.Add));
    }

    private static async Task<IResult> TakeAsync<T>(HttpRequest request, MessageParser<T> parser, Action<T> add) where T : IMessage<T>
    {
        if (request.ContentType?.StartsWith(Protobuf, StringComparison.OrdinalIgnoreCase) != true || request.Headers.ContentEncoding.Count > 0)
            return Refuse(StatusCodes.Status415UnsupportedMediaType, $"Send {Protobuf} without a content encoding.");
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        try
        {
            add(parser.ParseFrom(body.GetBuffer().AsSpan(0, (int)body.Length)));
        }
        catch (InvalidProtocolBufferException error)
        {
            return Refuse(StatusCodes.Status400BadRequest, $"This is no OTLP message: {error.Message}");
        }

        return Results.Bytes([], Protobuf);
    }

    private static IResult Refuse(int status, string sentence) => Results.Problem(statusCode: status, detail: sentence);
}
