using System.Globalization;

namespace SseScaling.LoadTest.Report;

/// <summary>What readers should know before they believe the figures.</summary>
internal static class Notes
{
    /// <summary>The notes for a report.</summary>
    public static IReadOnlyList<string> For(RunReport report) => [.. All(report)];

    private static IEnumerable<string> All(RunReport report)
    {
        var (latency, tool) = (report.LatencyMs, report.Tool);
        if (latency.Count > 0 && tool.LatencyMs.Count > 0 && tool.LatencyMs.P99 > latency.P99 / 2)
        {
            yield return $"This tool, or the processors it shares, accounts for a large part of the latency: a stream from itself to itself had a p99 of {Ms(tool.LatencyMs.P99)}, the server's {Ms(latency.P99)}.";
        }
        if (tool.AverageCpuCores > 0.8 * tool.ReceiveThreads)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"This tool used {tool.AverageCpuCores:0.00} processors with {tool.ReceiveThreads} receive thread(s): it may have been the limit. More --threads or a second machine would tell.");
        }
        if (tool.LatenessMs.P99 > 5) yield return $"The schedule was late by {Ms(tool.LatenessMs.P99)} at p99; that is part of the latency, which counts from the due time.";
        if (report.Settings.Urls.All(url => new Uri(url).IsLoopback))
        {
            yield return "Server and tool shared one machine and its loopback: compare with runs on the same machine only.";
        }
        if (report.Connections.Established < report.Settings.Connections)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Only {report.Connections.Established:#,0} of {report.Settings.Connections:#,0} clients ever connected.");
        }
        if (report.Events.Foreign > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{report.Events.Foreign:#,0} events of other publishers came in as well; they are not part of the figures.");
        if (report.Settings.MeasuredSeconds < 10) yield return "Measured for less than ten seconds: percentiles beyond p99 say little.";
    }

    private static string Ms(double milliseconds) => MetricUnit.Milliseconds.Format(milliseconds);
}
