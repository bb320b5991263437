namespace LocalAspire.Dashboard.Telemetry;

/// <summary>Which points of an instrument are asked for: how many seconds back, and the wanted values of some attributes.</summary>
internal sealed record MetricQuery(string? Resource, string Meter, string Instrument, double Duration, IReadOnlyDictionary<string, string[]> Filters)
{
    private const int MostSteps = 150;
    // Exports come each second, or each minute where the interval is OpenTelemetry's own.
    private const double StaleAfter = 5_000;
    private static readonly (string Name, double Share)[] Percentiles = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];

    /// <summary>The chart: times, and a line for each instance and their sum, or for each percentile. Null where there is no such instrument.</summary>
    public Chart? Ask(MetricStore store, double now) => store.Read(instruments =>
        instruments.TryGetValue((Meter, Instrument), out var instrument) ? Draw(instrument, now) : null);

    private Chart Draw(Instrument instrument, double now)
    {
        var ofResource = instrument.Series.Values.Where(series => series.Source.Matches(Resource)).ToArray();
        var series = ofResource.Where(one => Filters.All(filter => filter.Value.Contains(one.Attributes.GetValueOrDefault(filter.Key, "")))).ToArray();
        var step = Math.Max(1000, Math.Ceiling(Duration / MostSteps) * 1000);
        // Whole steps, so that the chart moves from step to step instead of trembling. The current one is still incomplete.
        var end = Math.Floor(now / step) * step;
        var count = (int)Math.Max(1, Duration * 1000 / step);
        var times = Enumerable.Range(0, count).Select(i => end - (count - 1 - i) * step).ToArray();
        IReadOnlyList<Line> lines = instrument.Kind == InstrumentKind.Histogram ? Distribution(series, times, step) : Lines(series, instrument.Kind, times, step);
        return new Chart(
            instrument.Meter, instrument.Name, instrument.Unit, instrument.Description, instrument.Kind.ToString(), step, times, lines,
            Dimensions(ofResource), Totals(series, instrument.Kind));
    }

    private static List<Line> Lines(Series[] series, InstrumentKind kind, double[] times, double step)
    {
        var lines = series.GroupBy(one => one.Source.Id).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new Line(group.Key, kind == InstrumentKind.Counter ? Rates(group, times, step) : Values(group, times, step))).ToList();
        if (lines.Count > 1)
            lines.Add(new Line("Sum", [.. times.Select((_, i) => SumOrNull(lines.Select(line => line.Values[i])))]));
        return lines;
    }

    private static double?[] Values(IEnumerable<Series> series, double[] times, double step) =>
        [.. times.Select(time => SumOrNull(series.Select(one => one.At(time, StaleAfter + step))))];

    /// <summary>Per second.</summary>
    private static double?[] Rates(IEnumerable<Series> series, double[] times, double step)
    {
        var rates = new double?[times.Length];
        foreach (var one in series)
        {
            for (var i = 0; i < times.Length; i++)
            {
                if (one.At(times[i], StaleAfter + step) is not null)
                    rates[i] ??= 0;
            }

            foreach (var (time, increase, _) in one.Increases(times[0] - step))
            {
                if (StepOf(time, times, step) is { } i)
                    rates[i] = (rates[i] ?? 0) + increase / step * 1000;
            }
        }

        return rates;
    }

    private static Line[] Distribution(Series[] series, double[] times, double step)
    {
        var merged = new Buckets?[times.Length];
        foreach (var (time, _, buckets) in series.SelectMany(one => one.Increases(times[0] - step)))
        {
            if (buckets is not null && StepOf(time, times, step) is { } i)
                merged[i] = (merged[i] ?? new Buckets()).Add(buckets);
        }

        return
        [
            .. Percentiles.Select(percentile => new Line(percentile.Name, [.. merged.Select(buckets => buckets?.Percentile(percentile.Share))])),
            new Line("Count", [.. merged.Select(buckets => buckets is null ? (double?)null : buckets.Count / step * 1000)]),
        ];
    }

    private static Dictionary<string, string[]> Dimensions(Series[] series) => series.SelectMany(one => one.Attributes.Keys).Distinct().Order().ToDictionary(
        key => key, key => series.Select(one => one.Attributes.GetValueOrDefault(key, "")).Distinct().Order().ToArray());

    /// <summary>Since the start of the services: the count and its sum, and of a histogram the percentiles over all its time.</summary>
    private static Dictionary<string, double?> Totals(Series[] series, InstrumentKind kind)
    {
        if (kind != InstrumentKind.Histogram)
            return new() { ["value"] = SumOrNull(series.Select(one => one.Latest?.Value)) };
        var all = new Buckets();
        foreach (var buckets in series.Select(one => one.Latest?.Buckets).OfType<Buckets>())
            all.Add(buckets);
        var totals = new Dictionary<string, double?> { ["count"] = all.Count, ["sum"] = all.Sum };
        foreach (var (name, share) in Percentiles)
            totals[name] = all.Percentile(share);
        return totals;
    }

    private static int? StepOf(double time, double[] times, double step) =>
        (int)Math.Ceiling((time - times[0]) / step) is >= 0 and var i && i < times.Length ? i : null;

    private static double? SumOrNull(IEnumerable<double?> values) =>
        values.Aggregate((double?)null, (sum, value) => value is null ? sum : (sum ?? 0) + value);
}

/// <summary>An instrument over time. Times are in ms since 1970 and mark the end of a step of <paramref name="Step"/> ms.</summary>
internal sealed record Chart(
    string Meter, string Name, string Unit, string Description, string Kind, double Step, double[] Times, IReadOnlyList<Line> Lines,
    Dictionary<string, string[]> Dimensions, Dictionary<string, double?> Totals);

/// <summary>A line of a chart; null where nothing is known.</summary>
internal sealed record Line(string Name, double?[] Values);
