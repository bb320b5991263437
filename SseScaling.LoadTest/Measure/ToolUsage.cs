namespace SseScaling.LoadTest.Measure;

/// <summary>What this process itself takes. One thread.</summary>
internal sealed class ToolUsage
{
    private readonly long _startedAt = Clock.Now;
    private readonly TimeSpan _startedCpu = Cpu();
    private long _readAt = Clock.Now;
    private TimeSpan _readCpu = Cpu();

    /// <summary>Processors used on average since the start.</summary>
    public double AverageCores => (Cpu() - _startedCpu).TotalSeconds / Math.Max(1e-3, Clock.Seconds(_startedAt, Clock.Now));

    /// <summary>Processors used since the last call.</summary>
    public double TakeCores()
    {
        var (now, cpu) = (Clock.Now, Cpu());
        var cores = (cpu - _readCpu).TotalSeconds / Math.Max(1e-3, Clock.Seconds(_readAt, now));
        (_readAt, _readCpu) = (now, cpu);
        return cores;
    }

    private static TimeSpan Cpu()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
