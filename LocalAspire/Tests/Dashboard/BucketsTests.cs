using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Telemetry;
using Xunit;

namespace LocalAspire.Tests.Dashboard;

public sealed class BucketsTests
{
    [Fact]
    public void A_percentile_lies_between_the_bounds_of_its_bucket()
    {
        var buckets = Explicit([90, 9, 1], [1, 2])!;

        Assert.Equal(0.5, buckets.Percentile(0.45)!.Value, 3);
        Assert.InRange(buckets.Percentile(0.95)!.Value, 1, 2);
        Assert.Equal(2, buckets.Percentile(1));
    }

    [Fact]
    public void What_came_since_is_the_difference_and_after_a_restart_all_of_it()
    {
        var (earlier, later, restarted) = (Explicit([1, 1], [1])!, Explicit([4, 2], [1])!, Explicit([1, 0], [1])!);

        Assert.Equal(4, later.Since(earlier).Count);
        Assert.Equal(1, restarted.Since(earlier).Count);
    }

    [Fact]
    public void Bounds_that_do_not_fit_their_counts_are_refused() => Assert.Null(Explicit([1, 2, 3], [1]));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public void An_exponential_histogram_keeps_its_values_within_a_bucket(int scale)
    {
        // The bucket of 100: (base^offset, base^(offset + 1)].
        var offset = (int)Math.Ceiling(Math.Log2(100) * Math.Pow(2, scale)) - 1;
        var buckets = Buckets.From(new ExponentialPoint
        {
            Count = 10,
            Scale = scale,
            Positive = new ExponentialBuckets { Offset = offset, BucketCounts = { 10 } },
        })!;

        Assert.InRange(buckets.Percentile(1)!.Value, 99.9, Math.Pow(2, (offset + 1) / Math.Pow(2, scale)) * 1.1);
    }

    [Fact]
    public void Points_stay_within_their_bound_and_unchanged_ones_cost_nothing()
    {
        var series = new Series(new Source("api", "one"), []);
        for (var i = 0; i < 1000; i++)
            series.Add(i, value: 1, buckets: null, isDelta: false);
        Assert.Equal(1, series.Count);

        for (var i = 0; i < 1000; i++)
        {
            series.Add(1000 + i, i, buckets: null, isDelta: false);
            series.Trim(100);
        }

        Assert.InRange(series.Count, 80, 100);
    }

    private static Buckets? Explicit(ulong[] counts, double[] bounds) => Buckets.From(new HistogramPoint
    {
        Count = counts.Aggregate((sum, count) => sum + count),
        BucketCounts = { counts },
        ExplicitBounds = { bounds },
    });
}
