using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Telemetry;

/// <summary>A span. Times are in ms since 1970; the kind and the status are OTLP's numbers (status 2: error).</summary>
internal sealed record Span(
    Source Source, string Scope, string TraceId, string SpanId, string ParentId, string Name, int Kind, double Start, double End, int Status,
    string? StatusMessage, SortedDictionary<string, string> Attributes, IReadOnlyList<SpanReference> Links);

/// <summary>A span of this or another trace.</summary>
internal sealed record SpanReference(string TraceId, string SpanId);

/// <summary>A trace: its spans so far, in order of their start.</summary>
internal sealed record Trace(string TraceId, IReadOnlyList<Span> Spans)
{
    public double Start => Spans[0].Start;

    public double Duration => Spans.Max(span => span.End) - Start;

    public Span Root => Spans.FirstOrDefault(span => span.ParentId.Length == 0) ?? Spans[0];

    public bool HasError => Spans.Any(span => span.Status == 2);
}

/// <summary>The last <see cref="Capacity"/> traces of all resources together, up to <see cref="MostSpans"/> spans of each.</summary>
internal sealed class TraceStore
{
    public const int Capacity = 10_000;
    public const int MostSpans = 2_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Span>> _traces = [];
    private readonly Queue<string> _order = new();
    private readonly HashSet<Source> _sources = [];
    private long _version;

    /// <summary>Grows with each change.</summary>
    public long Version => Interlocked.Read(ref _version);

    public IReadOnlyList<Source> Sources
    {
        get
        {
            lock (_gate)
                return [.. _sources];
        }
    }

    public void Add(TracesRequest request)
    {
        lock (_gate)
        {
            foreach (var resource in request.ResourceSpans)
            {
                var source = Source.Of(resource.Resource);
                _sources.Add(source);
                foreach (var scope in resource.ScopeSpans)
                {
                    foreach (var span in scope.Spans.Where(span => span.TraceId.Length == 16 && span.SpanId.Length == 8))
                        Add(ToSpan(source, scope.Scope?.Name ?? "", span));
                }
            }

            Interlocked.Increment(ref _version);
        }
    }

    /// <summary>The latest traces that touch a resource, the newest first.</summary>
    public Trace[] Find(string? resource, string? text, int limit)
    {
        lock (_gate)
        {
            return [.. _order.Reverse().Select(id => _traces[id])
                .Where(spans => spans.Any(span => span.Source.Matches(resource)) && (string.IsNullOrEmpty(text)
                    || spans.Any(span => span.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || span.TraceId.StartsWith(text, StringComparison.OrdinalIgnoreCase))))
                .Take(limit).Select(ToTrace)];
        }
    }

    public Trace? Get(string traceId)
    {
        lock (_gate)
            return _traces.TryGetValue(traceId, out var spans) ? ToTrace(spans) : null;
    }

    private void Add(Span span)
    {
        if (!_traces.TryGetValue(span.TraceId, out var spans))
        {
            if (_order.Count == Capacity)
                _traces.Remove(_order.Dequeue());
            _order.Enqueue(span.TraceId);
            _traces[span.TraceId] = spans = [];
        }

        if (spans.Count < MostSpans)
            spans.Add(span);
    }

    private static Trace ToTrace(List<Span> spans) => new(spans[0].TraceId, [.. spans.OrderBy(span => span.Start)]);

    private static Span ToSpan(Source source, string scope, OtlpSpan span) => new(
        source, scope, span.TraceId.ToHex(), span.SpanId.ToHex(), span.ParentSpanId.ToHex(), span.Name, span.Kind,
        span.StartTimeUnixNano.ToMilliseconds(), Math.Max(span.StartTimeUnixNano, span.EndTimeUnixNano).ToMilliseconds(),
        span.Status?.Code ?? 0, span.Status?.Message, span.Attributes.ToDictionary(),
        [.. span.Links.Select(link => new SpanReference(link.TraceId.ToHex(), link.SpanId.ToHex()))]);
}
