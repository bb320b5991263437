using System.Diagnostics;

namespace SseScaling.LoadTest.Measure;

/// <summary>The one clock of a run: nanoseconds of the monotonic clock that <see cref="Stopwatch"/> reads.</summary>
internal static class Clock
{
    private static readonly double PerTick = 1e9 / Stopwatch.Frequency;

    /// <summary>Now, in nanoseconds since an arbitrary moment; only differences mean something, and only inside one machine.</summary>
    public static long Now => Stopwatch.Frequency == 1_000_000_000 ? Stopwatch.GetTimestamp() : (long)(Stopwatch.GetTimestamp() * PerTick);

    /// <summary>Nanoseconds of a time span.</summary>
    public static long Nanoseconds(TimeSpan span) => span.Ticks * 100;

    /// <summary>Seconds between two readings.</summary>
    public static double Seconds(long from, long to) => (to - from) / 1e9;

    /// <summary>Microseconds since 1970 of the wall clock: for events that another machine sent.</summary>
    public static long UnixMicroseconds => (DateTimeOffset.UtcNow.Ticks - DateTimeOffset.UnixEpoch.Ticks) / 10;
}
