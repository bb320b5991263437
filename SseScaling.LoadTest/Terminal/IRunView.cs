using SseScaling.LoadTest.Measure;
using SseScaling.LoadTest.Options;

namespace SseScaling.LoadTest.Terminal;

/// <summary>What there is to see at a moment.</summary>
/// <param name="Options">The run.</param>
/// <param name="Sample">The last second.</param>
/// <param name="Progress">Of the phase, 0 to 1.</param>
/// <param name="Latency">Of the measured time so far.</param>
internal sealed record RunState(RunOptions Options, Sample Sample, double Progress, Histogram Latency);

/// <summary>Shows a run while it goes on. One thread.</summary>
internal interface IRunView
{
    /// <summary>Shows the last second; called once per second and at the end of each phase.</summary>
    void Show(RunState state);
}
