using Spectre.Console;
using SseScaling.LoadTest.Report;

namespace SseScaling.LoadTest.Terminal;

/// <summary>What is printed when a run is over.</summary>
internal static class Summary
{
    private static readonly string[] Always =
        ["connected", "published", "delivered", "lost", "repeated", "misordered", "throughput", "p50", "p95", "p99", "p99.9", "max"];

    // These are only worth a line when something happened.
    private static readonly string[] WhenPresent =
        ["connect-failures", "disconnects", "reconnects", "storm", "catch-up-p99", "refused", "announced", "misrouted", "gaps", "server-memory", "tool-p99"];

    /// <summary>Prints figures, notes, thresholds, and what went wrong.</summary>
    public static void Print(IAnsiConsole console, RunReport report)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap().RightAligned());
        foreach (var (name, metric) in Metrics.All)
        {
            var value = metric.Read(report);
            if (Always.Contains(name) || (WhenPresent.Contains(name) && value > 0)) grid.AddRow(metric.Title, Value(metric, value));
        }
        console.WriteLine();
        console.Write(grid);
        foreach (var note in report.Notes) Line(console, "note", note);
        foreach (var threshold in report.Thresholds) Line(console, threshold.Ok ? "OK" : "NOT OK", Describe(threshold));
        if (report.Outcome == "interrupted") Line(console, "note", "Interrupted: the figures are those until then.");
    }

    /// <summary>A threshold in words.</summary>
    public static string Describe(ThresholdResult threshold)
    {
        var metric = Metrics.All[Threshold.Parse(threshold.Text).Metric];
        return $"{threshold.Text}  ({(threshold.Value is null ? "not measured" : "was " + metric.Format(threshold.Value))})";
    }

    private static string Value(Metric metric, double? value) => metric.MoreIsBetter == false && metric.Unit == MetricUnit.Count && value > 0
        ? $"[red]{metric.Format(value)}[/]"
        : metric.Format(value);

    private static void Line(IAnsiConsole console, string kind, string text)
    {
        var style = kind switch { "OK" => new Style(Color.Green), "NOT OK" => new Style(Color.Red), _ => new Style(Color.Grey) };
        console.Write(new Text(kind.PadRight(8), style));
        console.WriteLine(text);
    }
}
