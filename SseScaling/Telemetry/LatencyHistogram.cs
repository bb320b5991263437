using System.Numerics;

namespace SseScaling.Telemetry;

/// <summary>
/// Percentiles of the last 10 to 20 seconds for /api/stats. Buckets are logarithmic with 32 steps per power of two, so a percentile is off by at most
/// 3 %. Recording is lock-free.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 5;
    private const int Steps = 1 << StepBits;
    private const int BucketCount = (40 - StepBits) * Steps;
    private const int WindowMilliseconds = 10_000;

    private long[] _current = new long[BucketCount];
    private long[] _previous = new long[BucketCount];
    private long _window = Environment.TickCount64 / WindowMilliseconds;

    /// <summary>Counts a latency.</summary>
    /// <param name="micros">Microseconds; negative ones (clocks that disagree) count as 0.</param>
    /// <param name="weight">How many deliveries had it.</param>
    public void Record(long micros, int weight)
    {
        Turn();
        Interlocked.Add(ref _current[Bucket(Math.Max(0, micros))], weight);
    }

    /// <summary>The non-empty buckets, number and count in turn: what other replicas need to merge it with theirs.</summary>
    public IReadOnlyList<long> Buckets()
    {
        Turn();
        var buckets = new List<long>();
        for (var i = 0; i < BucketCount; i++)
        {
            var count = Volatile.Read(ref _current[i]) + Volatile.Read(ref _previous[i]);
            if (count > 0)
                buckets.AddRange([i, count]);
        }

        return buckets;
    }

    /// <summary>The latencies in milliseconds below which the given shares of the deliveries lie, zeros when there was none; and their number.</summary>
    public static (double[] Percentiles, long Count) Percentiles(IEnumerable<IReadOnlyList<long>> buckets, params ReadOnlySpan<double> shares)
    {
        var counts = new long[BucketCount];
        foreach (var list in buckets)
        {
            for (var i = 0; i + 1 < list.Count; i += 2)
                counts[Math.Clamp(list[i], 0, BucketCount - 1)] += list[i + 1];
        }

        var total = counts.Sum();
        var result = new double[shares.Length];
        for (var s = 0; s < shares.Length && total > 0; s++)
        {
            var rank = Math.Max(1, (long)Math.Ceiling(shares[s] * total));
            var bucket = -1;
            for (long seen = 0; seen < rank;)
                seen += counts[++bucket];
            result[s] = UpperBound(bucket) / 1000.0;
        }

        return (result, total);
    }

    private static int Bucket(long micros)
    {
        if (micros < Steps)
            return (int)micros;
        var exponent = BitOperations.Log2((ulong)micros) - StepBits;
        return Math.Min(BucketCount - 1, ((exponent + 1) << StepBits) + (int)((micros >> exponent) - Steps));
    }

    private static long UpperBound(int bucket)
    {
        if (bucket < Steps)
            return bucket;
        var exponent = (bucket >> StepBits) - 1;
        return ((long)((bucket & (Steps - 1)) + Steps + 1) << exponent) - 1;
    }

    private void Turn()
    {
        var window = Environment.TickCount64 / WindowMilliseconds;
        var last = Volatile.Read(ref _window);
        if (window == last || Interlocked.CompareExchange(ref _window, window, last) != last)
            return;
        var old = _previous;
        _previous = window == last + 1 ? _current : new long[BucketCount];
        Array.Clear(old);
        _current = old;
    }
}
