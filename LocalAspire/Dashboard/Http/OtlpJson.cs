using System.Globalization;
using LocalAspire.Dashboard.Telemetry;

namespace LocalAspire.Dashboard.Http;

/// <summary>Logs and traces as OTLP's JSON, in the envelope that Aspire's API uses. Values of attributes are texts.</summary>
internal static class OtlpJson
{
    /// <summary>The latest records, oldest first.</summary>
    public static object Logs(LogEntry[] entries, int limit)
    {
        var returned = entries.TakeLast(limit).ToArray();
        return new
        {
            Data = new
            {
                ResourceLogs = returned.GroupBy(entry => entry.Source).Select(source => new
                {
                    Resource = Resource(source.Key),
                    ScopeLogs = source.GroupBy(entry => entry.Category).Select(scope => new
                    {
                        Scope = new { Name = scope.Key },
                        LogRecords = scope.Select(entry => new
                        {
                            TimeUnixNano = Nanoseconds(entry.Time),
                            SeverityNumber = entry.Severity,
                            Body = new { StringValue = entry.Message },
                            Attributes = Attributes(entry.Attributes),
                            entry.TraceId,
                            entry.SpanId,
                        }),
                    }),
                }),
            },
            TotalCount = entries.Length,
            ReturnedCount = returned.Length,
        };
    }

    /// <summary>The latest traces, newest first.</summary>
    public static object Traces(Trace[] traces, int limit)
    {
        var returned = traces.Take(limit).ToArray();
        return new
        {
            Data = new
            {
                ResourceSpans = returned.SelectMany(trace => trace.Spans).GroupBy(span => span.Source).Select(source => new
                {
                    Resource = Resource(source.Key),
                    ScopeSpans = source.GroupBy(span => span.Scope).Select(scope => new
                    {
                        Scope = new { Name = scope.Key },
                        Spans = scope.Select(span => new
                        {
                            span.TraceId,
                            span.SpanId,
                            ParentSpanId = span.ParentId,
                            span.Name,
                            span.Kind,
                            StartTimeUnixNano = Nanoseconds(span.Start),
                            EndTimeUnixNano = Nanoseconds(span.End),
                            Attributes = Attributes(span.Attributes),
                            span.Links,
                            Status = new { Code = span.Status, Message = span.StatusMessage },
                        }),
                    }),
                }),
            },
            TotalCount = traces.Length,
            ReturnedCount = returned.Length,
        };
    }

    private static object Resource(Source source) => new
    {
        Attributes = Attributes([new("service.name", source.Name), new("service.instance.id", source.InstanceId)]),
    };

    private static IEnumerable<object> Attributes(IEnumerable<KeyValuePair<string, string>> attributes) =>
        attributes.Select(pair => new { pair.Key, Value = new { StringValue = pair.Value } });

    // OTLP's JSON has 64 bit numbers as texts.
    private static string Nanoseconds(double milliseconds) => ((ulong)(milliseconds * 1e6)).ToString(CultureInfo.InvariantCulture);
}
