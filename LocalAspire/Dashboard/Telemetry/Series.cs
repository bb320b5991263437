namespace LocalAspire.Dashboard.Telemetry;

/// <summary>What an instrument measures: a value now, a count that only grows, one that goes up and down, a distribution.</summary>
internal enum InstrumentKind
{
    Gauge,
    Counter,
    UpDownCounter,
    Histogram,
}

/// <summary>A measured value; <paramref name="Last"/> is when it was last seen unchanged. Times are in ms since 1970.</summary>
internal record struct Point(double Time, double Last, double Value, Buckets? Buckets);

/// <summary>The points of one instrument, one instance and one set of attributes. Counts and distributions are cumulative. Not thread-safe.</summary>
internal sealed class Series(Source source, SortedDictionary<string, string> attributes)
{
    private readonly List<Point> _points = [];
    private bool _isTrimmed;

    public Source Source => source;

    public IReadOnlyDictionary<string, string> Attributes => attributes;

    public Point? Latest => _points.Count == 0 ? null : _points[^1];

    public int Count => _points.Count;

    /// <summary>Adds a point; one that changes nothing only prolongs the last.</summary>
    public void Add(double time, double value, Buckets? buckets, bool isDelta)
    {
        if (isDelta && Latest is { } before)
        {
            value += before.Value;
            buckets = buckets is null || before.Buckets is null ? buckets : new Buckets().Add(before.Buckets).Add(buckets);
        }

        if (Latest is { } last && last.Value.Equals(value) && last.Buckets?.Count == buckets?.Count)
            _points[^1] = last with { Last = time };
        else
            _points.Add(new Point(time, time, value, buckets));
    }

    /// <summary>Drops the oldest points.</summary>
    public void Trim(int most)
    {
        if (_points.Count <= most)
            return;
        _isTrimmed = true;
        // A tenth more, so that the list is not moved for each point.
        _points.RemoveRange(0, Math.Min(_points.Count - 1, _points.Count - most + most / 10));
    }

    /// <summary>The value at a time; null before the first point and some time after the last: the process has ended.</summary>
    public double? At(double time, double tolerance)
    {
        for (var i = _points.Count - 1; i >= 0; i--)
        {
            if (_points[i].Time <= time)
                return time <= (i == _points.Count - 1 ? _points[i].Last + tolerance : double.MaxValue) ? _points[i].Value : null;
        }

        return null;
    }

    /// <summary>What was counted at each time since one. A series is known from its start, where it counted from zero, unless it was trimmed.</summary>
    public IEnumerable<(double Time, double Increase, Buckets? Buckets)> Increases(double since)
    {
        for (var i = _points.Count - 1; i >= 0 && _points[i].Time > since; i--)
        {
            var point = _points[i];
            if (i > 0)
            {
                var before = _points[i - 1];
                yield return (point.Time, point.Value < before.Value ? point.Value : point.Value - before.Value,
                    before.Buckets is null ? point.Buckets : point.Buckets?.Since(before.Buckets));
            }
            else if (!_isTrimmed)
            {
                yield return (point.Time, point.Value, point.Buckets);
            }
        }
    }
}
