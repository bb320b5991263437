using SseScaling.LoadTest.Report;

namespace SseScaling.LoadTest.Terminal;

/// <summary>One line per second, for logs and pipes.</summary>
/// <param name="output">Takes the lines.</param>
internal sealed class PlainView(TextWriter output) : IRunView
{
    /// <inheritdoc />
    public void Show(RunState state)
    {
        var sample = state.Sample;
        string Ms(double? value) => value is { } number ? MetricUnit.Milliseconds.Format(number) : "-";
        var server = sample.ServerConnections is { } connections
            ? FormattableString.Invariant($"  server {connections:#,0} conns")
                + (sample.ServerMemoryBytes is { } memory ? $" {MetricUnit.Bytes.Format(memory)}" : "")
            : "";
        output.WriteLine(FormattableString.Invariant(
            $"{sample.Seconds,6:0.0} s  {sample.Phase,-10} {state.Progress,4:0%}  connected {sample.Connected:#,0}  in {sample.DeliveredPerSecond:#,0}/s")
            + $"  p50 {Ms(sample.P50)}  p95 {Ms(sample.P95)}  p99 {Ms(sample.P99)}"
            + FormattableString.Invariant($"  errors {sample.Errors:#,0}  reconnects {sample.Reconnects:#,0}  sequence faults {sample.SequenceFaults:#,0}{server}"));
    }
}
