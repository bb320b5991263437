using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace SseScaling.Tests.Testing;

/// <summary>Takes OTLP over HTTP and over gRPC. Names and values stand in protobuf as they are, so a test can look for them in the bytes.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    // A gRPC message stands behind a byte for its compression and four for its length: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
    private const int GrpcPrefix = 5;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Signal, string? Key, string Body)> _received = new();

    private OtlpCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(IPAddress.Loopback, 0);
            server.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", ReceiveAsync);
        _app.MapPost("/opentelemetry.proto.collector.{signal}.v1.{service}/Export", ReceiveGrpcAsync);
    }

    public string Url => _app.Urls.First();

    public string GrpcUrl => _app.Urls.Last();

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        await collector._app.StartAsync();
        return collector;
    }

    public bool Has(string signal, string text) =>
        _received.Any(request => request.Signal == signal && request.Body.Contains(text, StringComparison.Ordinal));

    /// <summary>The spans that a service instance has sent so far.</summary>
    internal IReadOnlyList<OtlpSpan> Spans(string instance) =>
        [.. _received.Where(request => request.Signal == "traces").SelectMany(request => OtlpSpan.Read(Encoding.Latin1.GetBytes(request.Body)))
            .Where(span => span.Instance == instance)];

    public IEnumerable<string?> Keys => _received.Select(request => request.Key);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context, string signal)
    {
        await KeepAsync(context, signal, 0);
        context.Response.ContentType = "application/x-protobuf";
    }

    private async Task ReceiveGrpcAsync(HttpContext context, string signal)
    {
        await KeepAsync(context, signal == "trace" ? "traces" : signal, GrpcPrefix);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[GrpcPrefix]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private async Task KeepAsync(HttpContext context, string signal, int prefix)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue((signal, context.Request.Headers["x-otlp-api-key"], Encoding.Latin1.GetString(body.ToArray().AsSpan(prefix))));
    }
}
