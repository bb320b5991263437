using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SseScaling.Tests.Testing;

/// <summary>Takes OTLP over HTTP. Names and values stand in protobuf as they are, so a test can look for them in the bytes.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Signal, string? Key, string Body)> _received = new();

    private OtlpCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", ReceiveAsync);
    }

    public string Url => _app.Urls.First();

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
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue((signal, context.Request.Headers["x-otlp-api-key"], Encoding.Latin1.GetString(body.ToArray())));
        context.Response.ContentType = "application/x-protobuf";
    }
}
