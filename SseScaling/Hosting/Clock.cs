namespace SseScaling.Hosting;

/// <summary>The milliseconds that connections and topics measure durations in: those of the application's clock, which a test may move.</summary>
internal static class Clock
{
    /// <summary>Milliseconds since some moment in the past; never goes back. Of the system's clock what costs least: it is asked with every write to a client.</summary>
    public static long Milliseconds(this TimeProvider time) =>
        ReferenceEquals(time, TimeProvider.System) ? Environment.TickCount64 : (long)time.GetElapsedTime(0).TotalMilliseconds;
}
