using System.Globalization;
using System.Text.RegularExpressions;

namespace SseScaling.LoadTest.Report;

/// <summary>A condition that fails a run, such as <c>p99&gt;250ms</c>.</summary>
/// <param name="Text">As the user wrote it.</param>
/// <param name="Metric">The metric's name.</param>
/// <param name="Operator">One of &gt;, &gt;=, &lt;, &lt;=.</param>
/// <param name="Limit">The limit in the metric's unit: ms, bytes, or a count.</param>
internal sealed partial record Threshold(string Text, string Metric, string Operator, double Limit)
{
    /// <summary>Reads one.</summary>
    /// <exception cref="UsageException">It cannot be read, or there is no such metric.</exception>
    public static Threshold Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success) throw new UsageException($"--fail-if '{text}' cannot be read: write a metric, > >= < or <=, and a limit, such as \"p99>250ms\".");
        var name = match.Groups["metric"].Value;
        if (!Metrics.All.TryGetValue(name, out var metric))
        {
            throw new UsageException($"--fail-if '{text}': there is no metric '{name}'; there are {string.Join(", ", Metrics.All.Keys)}.");
        }
        var unit = match.Groups["unit"].Value;
        if (Scale(metric.Unit, unit) is not { } scale)
        {
            throw new UsageException($"--fail-if '{text}': {name} is measured in {metric.Unit.Describe()}, not in '{unit}'.");
        }
        var limit = double.Parse(match.Groups["limit"].Value, CultureInfo.InvariantCulture) * scale;
        return new Threshold(text, name, match.Groups["operator"].Value, limit);
    }

    /// <summary>Holds it against a run.</summary>
    public ThresholdResult Judge(RunReport report)
    {
        var value = Metrics.All[Metric].Read(report);
        // What was not measured cannot be shown to be good: a run without a single event must not pass.
        var ok = value is { } measured && !(Operator switch
        {
            ">" => measured > Limit,
            ">=" => measured >= Limit,
            "<" => measured < Limit,
            _ => measured <= Limit,
        });
        return new ThresholdResult(Text, value, ok);
    }

    private static double? Scale(MetricUnit unit, string written) => (unit, written.ToUpperInvariant()) switch
    {
        (MetricUnit.Milliseconds, "US" or "µS") => 0.001,
        (MetricUnit.Milliseconds, "" or "MS") => 1,
        (MetricUnit.Milliseconds, "S") => 1000,
        (MetricUnit.Bytes, "" or "B") => 1,
        (MetricUnit.Bytes, "KB") => 1e3,
        (MetricUnit.Bytes, "MB") => 1e6,
        (MetricUnit.Bytes, "GB") => 1e9,
        (MetricUnit.Count, "") => 1,
        (MetricUnit.Count, "K") => 1e3,
        (MetricUnit.Count, "M") => 1e6,
        _ => null,
    };

    [GeneratedRegex(@"^\s*(?<metric>[a-z][a-z0-9.-]*)\s*(?<operator>>=|<=|>|<)\s*(?<limit>[0-9]+(\.[0-9]+)?)\s*(?<unit>[a-zA-Zµ]*)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

/// <summary>How a threshold ended.</summary>
/// <param name="Text">The threshold.</param>
/// <param name="Value">What was measured, in the metric's unit; null if nothing was.</param>
/// <param name="Ok">Whether it was kept.</param>
internal sealed record ThresholdResult(string Text, double? Value, bool Ok);
