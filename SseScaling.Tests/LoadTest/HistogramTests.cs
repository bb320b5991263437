using FsCheck;
using FsCheck.Fluent;
using SseScaling.LoadTest.Measure;
using Xunit;

namespace SseScaling.Tests.LoadTest;

public sealed class HistogramTests
{
    [Fact]
    public void Every_percentile_is_within_a_thousandth_of_the_exact_one()
    {
        var values = Gen.Choose(0, 42).SelectMany(bits => Gen.Choose(0, int.MaxValue).Select(x => (long)(x / (double)int.MaxValue * (1L << bits))));
        Prop.ForAll(Arb.From(values.NonEmptyListOf()), list =>
        {
            var histogram = new Histogram();
            foreach (var value in list) histogram.Record(value);
            long[] sorted = [.. list.Order()];
            return new double[] { 1, 10, 50, 90, 95, 99, 99.9, 100 }.All(percent =>
            {
                var exact = sorted[Math.Max(0, (int)Math.Ceiling(percent / 100 * sorted.Length) - 1)];
                return Math.Abs(histogram.Percentile(percent) - exact) <= exact * 0.001;
            });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Count_minimum_maximum_and_mean_are_exact()
    {
        var histogram = new Histogram();
        foreach (var value in new long[] { 7, 1_234_567_891, 3_000_000_000_000 }) histogram.Record(value);

        Assert.Equal((3, 7, 3_000_000_000_000), (histogram.Count, histogram.Min, histogram.Max));
        Assert.Equal((7 + 1_234_567_891 + 3_000_000_000_000) / 3.0, histogram.Mean, 1.0);
    }

    [Fact]
    public void Merged_histograms_answer_like_one_that_saw_everything()
    {
        Histogram one = new(), two = new(), all = new();
        for (var i = 1; i <= 10_000; i++)
        {
            (i % 3 == 0 ? one : two).Record(i * 1000L);
            all.Record(i * 1000L);
        }

        one.Add(two);

        foreach (var percent in new[] { 0.1, 50, 99, 99.99, 100 }) Assert.Equal(all.Percentile(percent), one.Percentile(percent));
        Assert.Equal((all.Count, all.Min, all.Max, all.Mean), (one.Count, one.Min, one.Max, one.Mean));
    }

    [Fact]
    public void A_value_beyond_the_range_counts_at_its_end_and_stays_the_exact_maximum()
    {
        var histogram = new Histogram();
        histogram.Record(long.MaxValue / 2);
        histogram.Record(-5);

        Assert.Equal((2, 0, long.MaxValue / 2), (histogram.Count, histogram.Min, histogram.Percentile(100)));
    }

    [Fact]
    public void Bars_hold_every_value_between_their_bounds()
    {
        var histogram = new Histogram();
        for (long value = 100; value < 5_000_000_000; value = value * 13 / 10 + 1) histogram.Record(value);

        var bars = histogram.Bars(20).ToList();

        Assert.Equal(histogram.Count, bars.Sum(bar => bar.Count));
        Assert.All(bars, bar => Assert.True(bar.From < bar.To, $"{bar}"));
        Assert.Equal(bars.Order(), bars);
    }

    [Fact]
    public void An_empty_or_cleared_histogram_is_all_zero()
    {
        var histogram = new Histogram();
        histogram.Record(5);
        histogram.Clear();

        Assert.Equal((0, 0, 0, 0, 0), (histogram.Count, histogram.Min, histogram.Max, histogram.Mean, histogram.Percentile(99)));
        Assert.Empty(histogram.Bars(20));
    }
}
