using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Telemetry;

/// <summary>A histogram: how many values lie at or below each bound and above the one before; the last bound is infinite.</summary>
internal sealed class Buckets
{
    // Exponential histograms are kept with eight buckets for each doubling (scale 3), which is within 9 % of the value.
    private const int Scale = 3;
    private const int MostBuckets = 512;

    private readonly SortedDictionary<double, double> _counts = [];

    public double Count { get; private set; }

    public double Sum { get; private set; }

    public static Buckets? From(HistogramPoint point)
    {
        // Without bounds there is one bucket, or none; anything else does not fit together.
        if (point.BucketCounts.Count > 0 && point.BucketCounts.Count != point.ExplicitBounds.Count + 1)
            return null;
        var buckets = new Buckets { Count = point.Count, Sum = point.Sum };
        for (var i = 0; i < Math.Min(point.BucketCounts.Count, MostBuckets); i++)
            buckets._counts[i < point.ExplicitBounds.Count ? point.ExplicitBounds[i] : double.PositiveInfinity] = point.BucketCounts[i];
        return buckets;
    }

    public static Buckets? From(ExponentialPoint point)
    {
        if (point.Scale is < -10 or > 20 || point.Positive?.BucketCounts.Count > MostBuckets)
            return null;
        var buckets = new Buckets { Count = point.Count, Sum = point.Sum };
        if (point.ZeroCount > 0)
            buckets._counts[0] = point.ZeroCount;
        for (var i = 0; i < (point.Positive?.BucketCounts.Count ?? 0); i++)
        {
            var upper = (point.Positive!.Offset + i + 1) * Math.Pow(2, Scale - point.Scale);
            var bound = Math.Pow(2, Math.Ceiling(upper) / (1 << Scale));
            buckets._counts[bound] = buckets._counts.GetValueOrDefault(bound) + point.Positive.BucketCounts[i];
        }

        return buckets;
    }

    public Buckets Add(Buckets other)
    {
        foreach (var (bound, count) in other._counts)
            _counts[bound] = _counts.GetValueOrDefault(bound) + count;
        Count += other.Count;
        Sum += other.Sum;
        return this;
    }

    /// <summary>What came since an earlier state of the same histogram; all of it where it was begun anew in between.</summary>
    public Buckets Since(Buckets earlier)
    {
        if (Count < earlier.Count)
            return this;
        var difference = new Buckets { Count = Count - earlier.Count, Sum = Sum - earlier.Sum };
        foreach (var (bound, count) in _counts)
            difference._counts[bound] = Math.Max(0, count - earlier._counts.GetValueOrDefault(bound));
        return difference;
    }

    /// <summary>The value below which a share of all lies, straight between the bounds of its bucket; null where there are none.</summary>
    public double? Percentile(double share)
    {
        var total = _counts.Values.Sum();
        if (total == 0)
            return null;
        var (target, passed, lower) = (share * total, 0.0, 0.0);
        foreach (var (bound, count) in _counts)
        {
            if (count > 0 && passed + count >= target)
                return double.IsInfinity(bound) ? lower : lower + (bound - lower) * Math.Clamp((target - passed) / count, 0, 1);
            passed += count;
            lower = bound;
        }

        return lower;
    }
}
