using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Telemetry;

/// <summary>A log record. Numbers grow in order of arrival; severity is OTLP's, 1 (trace) to 24 (fatal); the time is in ms since 1970.</summary>
internal sealed record LogEntry(
    long Number, Source Source, double Time, int Severity, string Category, string Message, string TraceId, string SpanId,
    SortedDictionary<string, string> Attributes);

/// <summary>The last <see cref="Capacity"/> log records of each instance.</summary>
internal sealed class LogStore
{
    public const int Capacity = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Source, Queue<LogEntry>> _entries = [];
    private long _lastNumber;

    /// <summary>The number of the latest record.</summary>
    public long LastNumber => Interlocked.Read(ref _lastNumber);

    public IReadOnlyList<Source> Sources
    {
        get
        {
            lock (_gate)
                return [.. _entries.Keys];
        }
    }

    public void Add(LogsRequest request)
    {
        lock (_gate)
        {
            foreach (var resource in request.ResourceLogs)
            {
                var source = Source.Of(resource.Resource);
                if (!_entries.TryGetValue(source, out var entries))
                    _entries[source] = entries = new Queue<LogEntry>();
                foreach (var scope in resource.ScopeLogs)
                {
                    foreach (var record in scope.LogRecords)
                    {
                        if (entries.Count == Capacity)
                            entries.Dequeue();
                        entries.Enqueue(ToEntry(source, scope.Scope?.Name ?? "", record));
                    }
                }
            }
        }
    }

    /// <summary>Records after a number that match, oldest first.</summary>
    public LogEntry[] Find(LogFilter filter, long after = 0)
    {
        lock (_gate)
        {
            return [.. _entries.Where(pair => pair.Key.Matches(filter.Resource)).SelectMany(pair => pair.Value)
                .Where(entry => entry.Number > after && filter.Matches(entry)).OrderBy(entry => entry.Number)];
        }
    }

    private LogEntry ToEntry(Source source, string category, LogRecord record)
    {
        var time = record.TimeUnixNano != 0 ? record.TimeUnixNano : record.ObservedTimeUnixNano;
        return new LogEntry(
            Interlocked.Increment(ref _lastNumber), source, time.ToMilliseconds(), record.SeverityNumber, category, record.Body.ToText(),
            record.TraceId.ToHex(), record.SpanId.ToHex(), record.Attributes.ToDictionary());
    }
}

/// <summary>Which records are meant: the least severity (0: all), a text within the message or the category, a trace.</summary>
internal sealed record LogFilter(string? Resource, int Severity, string? Text, string? TraceId)
{
    public bool Matches(LogEntry entry) => entry.Severity >= Severity
        && (string.IsNullOrEmpty(TraceId) || entry.TraceId == TraceId)
        && (string.IsNullOrEmpty(Text) || entry.Message.Contains(Text, StringComparison.OrdinalIgnoreCase)
            || entry.Category.Contains(Text, StringComparison.OrdinalIgnoreCase));

    /// <summary>The least severity of one of .NET's levels.</summary>
    public static int SeverityOf(string? level) => level?.ToUpperInvariant() switch
    {
        "DEBUG" => 5,
        "INFORMATION" => 9,
        "WARNING" => 13,
        "ERROR" => 17,
        "CRITICAL" => 21,
        _ => 0,
    };
}
