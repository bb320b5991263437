namespace SseScaling.LoadTest.Report;

/// <summary>What a metric counts.</summary>
internal enum MetricUnit
{
    /// <summary>Things.</summary>
    Count,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Bytes.</summary>
    Bytes,
}

/// <summary>A figure of a report that thresholds and comparisons can name.</summary>
/// <param name="Title">What people read.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="MoreIsBetter">Which way is good; null if neither is.</param>
/// <param name="Read">Takes it from a report; null if it was not measured.</param>
internal sealed record Metric(string Title, MetricUnit Unit, bool? MoreIsBetter, Func<RunReport, double?> Read)
{
    /// <summary>A value with its unit.</summary>
    public string Format(double? value) => value is { } number ? Unit.Format(number) : "-";
}

/// <summary>Every figure by the name that <c>--fail-if</c> knows.</summary>
internal static class Metrics
{
    /// <summary>In the order in which they are shown.</summary>
    public static readonly IReadOnlyDictionary<string, Metric> All = new Dictionary<string, Metric>
    {
        ["connected"] = new("clients connected", MetricUnit.Count, true, report => report.Connections.Established),
        ["connect-failures"] = new("failed connection attempts", MetricUnit.Count, false, report => report.Connections.Failures),
        ["disconnects"] = new("streams the server ended", MetricUnit.Count, false, report => report.Connections.ClosedByServer),
        ["reconnects"] = new("streams opened again", MetricUnit.Count, null, report => report.Connections.Reconnects),
        ["connect-p99"] = new("connecting, p99", MetricUnit.Milliseconds, false, report => report.Connections.ConnectMs.At(d => d.P99)),
        ["catch-up-p99"] = new("catching up after a resume, p99", MetricUnit.Milliseconds, false, report => report.Connections.CatchUpMs.At(d => d.P99)),
        ["storm"] = new("all back after the storm", MetricUnit.Milliseconds, false, report => report.Connections.StormMs),
        ["published"] = new("events published", MetricUnit.Count, null, report => report.Events.Published),
        ["refused"] = new("events refused", MetricUnit.Count, false, report => report.Events.Refused),
        ["delivered"] = new("deliveries", MetricUnit.Count, null, report => report.Events.Delivered),
        ["lost"] = new("lost", MetricUnit.Count, false, report => report.Events.Lost),
        ["announced"] = new("missing, but announced by a gap", MetricUnit.Count, false, report => report.Events.AnnouncedMissing),
        ["repeated"] = new("repeated", MetricUnit.Count, false, report => report.Events.Repeated),
        ["misordered"] = new("misordered", MetricUnit.Count, false, report => report.Events.Misordered),
        ["misrouted"] = new("delivered to the wrong client", MetricUnit.Count, false, report => report.Events.Misrouted),
        ["gaps"] = new("gap events", MetricUnit.Count, false, report => report.Events.GapEvents),
        ["throughput"] = new("deliveries/s", MetricUnit.Count, true, report => report.Throughput.DeliveriesPerSecond),
        ["mean"] = new("latency, mean", MetricUnit.Milliseconds, false, report => report.LatencyMs.At(d => d.Mean)),
        ["p50"] = new("latency, p50", MetricUnit.Milliseconds, false, report => report.LatencyMs.At(d => d.P50)),
        ["p90"] = new("latency, p90", MetricUnit.Milliseconds, false, report => report.LatencyMs.At(d => d.P90)),
        ["p95"] = new("latency, p95", MetricUnit.Milliseconds, false, report => report.LatencyMs.At(d => d.P95)),
        ["p99"] = new("latency, p99", MetricUnit.Milliseconds, false, report => report.LatencyMs.At(d => d.P99)),
        ["p99.9"] = new("latency, p99.9", MetricUnit.Milliseconds, false, report => report.LatencyMs.At(d => d.P999)),
        ["max"] = new("latency, max", MetricUnit.Milliseconds, false, report => report.LatencyMs.At(d => d.Max)),
        ["publish-p99"] = new("confirmation of a publish, p99", MetricUnit.Milliseconds, false, report => report.ConfirmationMs.At(d => d.P99)),
        ["server-memory"] = new("server memory, peak", MetricUnit.Bytes, false, report => report.Server.PeakMemoryBytes),
        ["tool-p99"] = new("this tool's own latency, p99", MetricUnit.Milliseconds, false, report => report.Tool.LatencyMs.At(d => d.P99)),
    };

    /// <summary>The unit in words.</summary>
    public static string Describe(this MetricUnit unit) => unit switch
    {
        MetricUnit.Milliseconds => "us, ms or s",
        MetricUnit.Bytes => "B, KB, MB or GB",
        _ => "numbers, k or M",
    };

    /// <summary>A number as people read it.</summary>
    public static string Format(this MetricUnit unit, double value) => unit switch
    {
        MetricUnit.Milliseconds when value >= 10_000 => Text($"{value / 1000:#,0.0} s"),
        MetricUnit.Milliseconds => value >= 100 ? Text($"{value:#,0} ms") : value >= 10 ? Text($"{value:0.0} ms") : Text($"{value:0.00} ms"),
        MetricUnit.Bytes when value >= 1e9 => Text($"{value / 1e9:0.00} GB"),
        MetricUnit.Bytes => Text($"{value / 1e6:#,0.0} MB"),
        _ => Text($"{value:#,0}"),
    };

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static double? At(this Distribution distribution, Func<Distribution, double> read) => distribution.Count == 0 ? null : read(distribution);
}
