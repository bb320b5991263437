using Spectre.Console;

namespace SseScaling.LoadTest.Report;

/// <summary>Two runs side by side.</summary>
internal static class Comparison
{
    /// <summary>One line of it.</summary>
    /// <param name="Metric">The figure.</param>
    /// <param name="A">In the first run.</param>
    /// <param name="B">In the second.</param>
    /// <param name="Ratio">B / A; null where that says nothing.</param>
    public sealed record Row(Metric Metric, double? A, double? B, double? Ratio)
    {
        /// <summary>Whether B is better (true), worse (false), or neither by more than a run's usual scatter of 5 %.</summary>
        public bool? Better => Metric.MoreIsBetter is not { } more || A == B || A is null || B is null || Ratio is > 0.95 and < 1.05 ? null : B > A == more;
    }

    /// <summary>All figures that at least one of the two has.</summary>
    public static IReadOnlyList<Row> Of(RunReport a, RunReport b) =>
        [.. Metrics.All.Values.Select(metric => RowOf(metric, metric.Read(a), metric.Read(b))).Where(row => (row.A ?? 0) != 0 || (row.B ?? 0) != 0)];

    /// <summary>What was asked for differently: ratios of different questions mislead.</summary>
    public static IReadOnlyList<string> Differences(RunReport a, RunReport b)
    {
        var (x, y) = (a.Settings, b.Settings);
        (string Name, object A, object B)[] settings =
        [
            ("connections", x.Connections, y.Connections), ("topics", x.Topics, y.Topics), ("events/s", x.EventsPerSecond, y.EventsPerSecond),
            ("publish", x.Publish, y.Publish), ("durable", x.Durable, y.Durable), ("event bytes", x.EventBytes, y.EventBytes), ("slow clients", x.SlowClients, y.SlowClients),
            ("dropping clients", x.DroppingClients, y.DroppingClients), ("storm", x.Storm, y.Storm), ("duration", x.DurationSeconds, y.DurationSeconds),
            ("machine", Of(a.Machine), Of(b.Machine)),
        ];
        return [.. settings.Where(setting => !setting.A.Equals(setting.B)).Select(setting => FormattableString.Invariant($"{setting.Name}: {setting.A} and {setting.B}"))];
    }

    /// <summary>Prints it.</summary>
    public static void Print(IAnsiConsole console, string nameA, RunReport a, string nameB, RunReport b)
    {
        var table = new Table().RoundedBorder().BorderColor(Color.Grey).AddColumns("", Markup.Escape(nameA), Markup.Escape(nameB), "b / a");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        foreach (var row in Of(a, b))
        {
            var ratio = row.Ratio is { } number ? FormattableString.Invariant($"{number:0.00}") : "-";
            var color = row.Better switch { true => "green", false => "red", _ => "default" };
            table.AddRow(row.Metric.Title, row.Metric.Format(row.A), row.Metric.Format(row.B), $"[{color}]{ratio}[/]");
        }
        console.Write(table);
        foreach (var difference in Differences(a, b)) console.MarkupLineInterpolated($"[yellow]differs[/]  {difference}");
    }

    private static Row RowOf(Metric metric, double? a, double? b) => new(metric, a, b, a is > 0 && b is { } value ? value / a : null);

    private static string Of(Machine machine) => $"{machine.System}, {machine.Processors} processors";
}
