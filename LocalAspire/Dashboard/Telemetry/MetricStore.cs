using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Telemetry;

/// <summary>An instrument, over all instances.</summary>
internal sealed class Instrument(string meter, string name, string unit, string description, InstrumentKind kind)
{
    public string Meter => meter;

    public string Name => name;

    public string Unit => unit;

    public string Description => description;

    public InstrumentKind Kind => kind;

    public Dictionary<(Source Source, string Attributes), Series> Series { get; } = [];
}

/// <summary>Up to <see cref="Capacity"/> points of each instance, shared evenly by its series.</summary>
internal sealed class MetricStore
{
    public const int Capacity = 50_000;
    private const int FewestPoints = 30;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Meter, string Name), Instrument> _instruments = [];
    private readonly Dictionary<Source, int> _seriesCounts = [];

    public IReadOnlyList<Source> Sources
    {
        get
        {
            lock (_gate)
                return [.. _seriesCounts.Keys];
        }
    }

    public void Add(MetricsRequest request)
    {
        lock (_gate)
        {
            foreach (var resource in request.ResourceMetrics)
            {
                var source = Source.Of(resource.Resource);
                _seriesCounts.TryAdd(source, 0);
                foreach (var scope in resource.ScopeMetrics)
                {
                    foreach (var metric in scope.Metrics)
                        Add(source, scope.Scope?.Name ?? "", metric);
                }
            }
        }
    }

    /// <summary>Asks something of all instruments, while nothing changes.</summary>
    public T Read<T>(Func<IReadOnlyDictionary<(string Meter, string Name), Instrument>, T> question)
    {
        lock (_gate)
            return question(_instruments);
    }

    private void Add(Source source, string meter, Metric metric)
    {
        switch (metric.DataCase)
        {
            case Metric.DataOneofCase.Gauge:
                AddNumbers(source, Find(meter, metric, InstrumentKind.Gauge), metric.Gauge.DataPoints, isDelta: false);
                break;
            case Metric.DataOneofCase.Sum:
                var kind = metric.Sum.IsMonotonic ? InstrumentKind.Counter : InstrumentKind.UpDownCounter;
                AddNumbers(source, Find(meter, metric, kind), metric.Sum.DataPoints, metric.Sum.AggregationTemporality == Temporality.Delta);
                break;
            case Metric.DataOneofCase.Histogram:
                foreach (var point in metric.Histogram.DataPoints)
                    AddBuckets(source, meter, metric, point.Attributes.ToDictionary(), point.TimeUnixNano, Buckets.From(point), metric.Histogram.AggregationTemporality);
                break;
            case Metric.DataOneofCase.ExponentialHistogram:
                foreach (var point in metric.ExponentialHistogram.DataPoints)
                    AddBuckets(source, meter, metric, point.Attributes.ToDictionary(), point.TimeUnixNano, Buckets.From(point), metric.ExponentialHistogram.AggregationTemporality);
                break;
        }
    }

    private Instrument Find(string meter, Metric metric, InstrumentKind kind)
    {
        if (!_instruments.TryGetValue((meter, metric.Name), out var instrument))
            _instruments[(meter, metric.Name)] = instrument = new Instrument(meter, metric.Name, metric.Unit, metric.Description, kind);
        return instrument;
    }

    private void AddNumbers(Source source, Instrument instrument, IEnumerable<NumberPoint> points, bool isDelta)
    {
        foreach (var point in points)
        {
            var value = point.ValueCase == NumberPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;
            if (double.IsFinite(value))
                Add(source, instrument, point.Attributes.ToDictionary(), point.TimeUnixNano, value, buckets: null, isDelta);
        }
    }

    private void AddBuckets(
        Source source, string meter, Metric metric, SortedDictionary<string, string> attributes, ulong time, Buckets? buckets, Temporality temporality)
    {
        if (buckets is not null)
            Add(source, Find(meter, metric, InstrumentKind.Histogram), attributes, time, buckets.Count, buckets, temporality == Temporality.Delta);
    }

    private void Add(
        Source source, Instrument instrument, SortedDictionary<string, string> attributes, ulong time, double value, Buckets? buckets, bool isDelta)
    {
        var key = (source, string.Join('\u001f', attributes.Select(pair => $"{pair.Key}\u001e{pair.Value}")));
        if (!instrument.Series.TryGetValue(key, out var series))
        {
            // A service whose attributes have no bound gets no more; its first ones stay.
            if (_seriesCounts[source] >= Capacity / FewestPoints)
                return;
            _seriesCounts[source]++;
            instrument.Series[key] = series = new Series(source, attributes);
        }

        series.Add(time.ToMilliseconds(), value, buckets, isDelta);
        series.Trim(Capacity / Math.Max(1, _seriesCounts[source]));
    }
}
