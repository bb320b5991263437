using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using LocalAspire.Dashboard.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Dashboard.Http;

/// <summary>What the services have sent: as JSON for scripts, and as streams for the pages (…/stream).</summary>
internal static class TelemetryEndpoints
{
    private const int DefaultLimit = 200;
    private const int RowsPerEvent = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static void MapTelemetry(this IEndpointRouteBuilder routes)
    {
        var telemetry = routes.MapGroup("/api/telemetry");
        telemetry.MapGet("/resources", (TelemetryStore store) => Resources(store));

        telemetry.MapGet("/logs", (TelemetryStore store, string? resource, string? severity, string? search, string? traceId, int? limit) =>
            OtlpJson.Logs(store.Logs.Find(new LogFilter(resource, LogFilter.SeverityOf(severity), search, traceId)), Bounded(limit)));
        telemetry.MapGet("/logs/stream", (TelemetryStore store, IHostApplicationLifetime lifetime, HttpContext context, string? resource,
            string? severity, string? search, string? traceId, long? after) => TypedResults.ServerSentEvents(FollowLogsAsync(
                store.Logs, new LogFilter(resource, LogFilter.SeverityOf(severity), search, traceId), after ?? 0, context.EndsWith(lifetime))));

        telemetry.MapGet("/traces", (TelemetryStore store, string? resource, string? search, int? limit) =>
            OtlpJson.Traces(store.Traces.Find(resource, search, LogStore.Capacity), Bounded(limit)));
        telemetry.MapGet("/traces/{traceId}", (TelemetryStore store, string traceId) => store.Traces.Get(traceId) is { } trace
            ? Results.Ok(OtlpJson.Traces([trace], 1)) : Unknown($"There is no trace '{traceId}'."));
        telemetry.MapGet("/traces/stream", (TelemetryStore store, IHostApplicationLifetime lifetime, HttpContext context, string? resource, string? search) =>
            TypedResults.ServerSentEvents(RepeatAsync(
                () => store.Traces.Version, () => store.Traces.Find(resource, search, DefaultLimit).Select(TraceRow), context.EndsWith(lifetime))));
        routes.MapGet("/api/traces/{traceId}", (TelemetryStore store, string traceId) => store.Traces.Get(traceId) is { } trace
            ? Results.Ok(new { trace.TraceId, trace.Start, trace.Duration, trace.Spans }) : Unknown($"There is no trace '{traceId}'."));

        telemetry.MapGet("/metrics", (TelemetryStore store, TimeProvider time, HttpRequest request, string? resource, string? meter, string? instrument, double? duration) =>
            instrument is null ? Results.Ok(Instruments(store.Metrics, resource))
            : Query(request, resource, meter, instrument, duration).Ask(store.Metrics, Now(time)) is { } chart ? Results.Ok(chart)
            : Unknown($"Nothing was sent of '{instrument}' of the meter '{meter}' yet."));
        telemetry.MapGet("/metrics/stream", (TelemetryStore store, TimeProvider time, IHostApplicationLifetime lifetime, HttpContext context, string? resource,
            string? meter, string? instrument, double? duration) => TypedResults.ServerSentEvents(RepeatAsync(
                time.GetTimestamp, () => new
                {
                    Instruments = Instruments(store.Metrics, resource),
                    Chart = instrument is null ? null : Query(context.Request, resource, meter, instrument, duration).Ask(store.Metrics, Now(time)),
                },
                context.EndsWith(lifetime))));
    }

    private static int Bounded(int? limit) => Math.Clamp(limit ?? DefaultLimit, 1, LogStore.Capacity);

    private static IResult Unknown(string sentence) => Results.Problem(statusCode: StatusCodes.Status404NotFound, detail: sentence);

    private static double Now(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static MetricQuery Query(HttpRequest request, string? resource, string? meter, string instrument, double? duration) => new(
        resource, meter ?? "", instrument, double.IsFinite(duration ?? 300) ? Math.Clamp(duration ?? 300, 10, 24 * 3600) : 300,
        request.Query.Where(pair => pair.Key.StartsWith("filter.", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key["filter.".Length..], pair => pair.Value.Select(value => value ?? "").ToArray()));

    private static IEnumerable<object> Resources(TelemetryStore store)
    {
        var (logs, traces, metrics) = (store.Logs.Sources, store.Traces.Sources, store.Metrics.Sources);
        return logs.Concat(traces).Concat(metrics).Distinct().OrderBy(source => source.Id, StringComparer.Ordinal).Select(source => new
        {
            source.Name,
            source.InstanceId,
            DisplayName = source.Id,
            HasLogs = logs.Contains(source),
            HasTraces = traces.Contains(source),
            HasMetrics = metrics.Contains(source),
        });
    }

    private static object[] Instruments(MetricStore store, string? resource) => store.Read(instruments => instruments.Values
        .Where(instrument => instrument.Series.Values.Any(series => series.Source.Matches(resource)))
        .GroupBy(instrument => instrument.Meter).OrderBy(meter => meter.Key, StringComparer.Ordinal)
        .Select(object (meter) => new
        {
            Name = meter.Key,
            Instruments = meter.OrderBy(instrument => instrument.Name, StringComparer.Ordinal)
                .Select(instrument => new { instrument.Name, instrument.Unit, instrument.Description, Kind = instrument.Kind.ToString() }).ToArray(),
        }).ToArray());

    private static object TraceRow(Trace trace) => new
    {
        trace.TraceId,
        trace.Start,
        trace.Duration,
        trace.Root.Name,
        Resource = trace.Root.Source.Id,
        trace.HasError,
        Resources = trace.Spans.GroupBy(span => span.Source.Name).Select(group => new { Name = group.Key, Spans = group.Count() }),
    };

    /// <summary>The records there are, then those that come.</summary>
    private static async IAsyncEnumerable<SseItem<IEnumerable<object>>> FollowLogsAsync(
        LogStore store, LogFilter filter, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new SseItem<IEnumerable<object>>([]);
        await foreach (var last in ChangesAsync(() => store.LastNumber, cancellationToken))
        {
            foreach (var chunk in store.Find(filter, after).Chunk(RowsPerEvent))
            {
                after = chunk[^1].Number;
                yield return new SseItem<IEnumerable<object>>(chunk.Select(entry => new
                {
                    entry.Number,
                    Resource = entry.Source.Id,
                    entry.Time,
                    entry.Severity,
                    entry.Category,
                    entry.Message,
                    entry.TraceId,
                    entry.SpanId,
                    entry.Attributes,
                }));
            }
        }
    }

    private static async IAsyncEnumerable<SseItem<object>> RepeatAsync(
        Func<long> version, Func<object> ask, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var _ in ChangesAsync(version, cancellationToken))
            yield return new SseItem<object>(ask());
    }

    /// <summary>At once, then at each interval in which the version has changed.</summary>
    private static async IAsyncEnumerable<long> ChangesAsync(Func<long> version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);
        long? last = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (version() is var now && now != last)
            {
                last = now;
                yield return now;
            }

            if (!await NextAsync(timer, cancellationToken))
                yield break;
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
