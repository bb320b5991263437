using Spectre.Console;
using Spectre.Console.Rendering;
using SseScaling.LoadTest.Measure;
using SseScaling.LoadTest.Report;

namespace SseScaling.LoadTest.Terminal;

/// <summary>A table that is redrawn each second, with a progress bar.</summary>
/// <param name="display">Where it is drawn.</param>
internal sealed class LiveView(LiveDisplayContext display) : IRunView
{
    private const int BarWidth = 46;

    /// <summary>Runs with a live table.</summary>
    public static async Task<RunReport> RunAsync(Func<IRunView, Task<RunReport>> run)
    {
        RunReport? report = null;
        await AnsiConsole.Live(new Text("connecting …")).AutoClear(true).StartAsync(async display => report = await run(new LiveView(display)));
        return report!;
    }

    /// <inheritdoc />
    public void Show(RunState state)
    {
        display.UpdateTarget(Draw(state));
        display.Refresh();
    }

    /// <summary>The table with the bar below.</summary>
    public static IRenderable Draw(RunState state)
    {
        var sample = state.Sample;
        var table = new Table().RoundedBorder().BorderColor(Color.Grey).AddColumns("", "last second", "measured");
        table.Columns[1].RightAligned();
        table.Columns[2].RightAligned();
        table.AddRow("connected", Count(sample.Connected), $"[grey]of {Count(state.Options.Connections)}[/]");
        table.AddRow("published/s", Count(sample.PublishedPerSecond), "");
        table.AddRow("delivered/s", $"[bold]{Count(sample.DeliveredPerSecond)}[/]", "");
        table.AddRow("latency p50", Ms(sample.P50), Total(state.Latency, 50));
        table.AddRow("latency p95", Ms(sample.P95), Total(state.Latency, 95));
        table.AddRow("latency p99", $"[bold]{Ms(sample.P99)}[/]", Total(state.Latency, 99));
        table.AddRow("errors", Bad(sample.Errors), "");
        table.AddRow("sequence faults", Bad(sample.SequenceFaults), "");
        table.AddRow("reconnects", Count(sample.Reconnects), "");
        if (sample.ServerConnections is { } connections) table.AddRow("server connections", Count(connections), "");
        if (sample.ServerMemoryBytes is { } memory) table.AddRow("server memory", MetricUnit.Bytes.Format(memory), "");
        table.AddRow("[grey]this tool[/]", FormattableString.Invariant($"[grey]{sample.ToolCpuCores:0.00} cpu[/]"), $"[grey]p99 {Ms(sample.ToolP99)}[/]");
        return new Rows(table, Bar(sample.Phase, state.Progress));
    }

    private static Markup Bar(string phase, double progress)
    {
        var full = (int)Math.Round(progress * BarWidth);
        return new Markup(FormattableString.Invariant(
            $" [green]{new string('━', full)}[/][grey]{new string('━', BarWidth - full)}[/] {phase} {progress:0%}  [grey]Ctrl+C ends early and reports[/]"));
    }

    private static string Total(Histogram latency, double percent) => latency.Count == 0 ? "-" : Ms(latency.Percentile(percent) / 1e6);

    private static string Count(double value) => MetricUnit.Count.Format(value);

    private static string Ms(double? value) => value is { } number ? MetricUnit.Milliseconds.Format(number) : "-";

    private static string Bad(long value) => value == 0 ? "0" : $"[red]{Count(value)}[/]";
}
