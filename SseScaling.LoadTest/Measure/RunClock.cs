namespace SseScaling.LoadTest.Measure;

/// <summary>The moments of a run, in nanoseconds of <see cref="Clock"/> where nothing else is said.</summary>
internal sealed class RunClock
{
    /// <summary>When the run began, by the calendar.</summary>
    public DateTimeOffset StartedAt { get; } = TimeProvider.System.GetLocalNow();

    /// <summary>When the first event was due.</summary>
    public long PublishingFrom { get; set; }

    /// <summary>When measuring began.</summary>
    public long MeasureFrom { get; set; }

    /// <summary>When measuring ended.</summary>
    public long MeasureTo { get; set; }

    /// <summary>How many events had arrived before.</summary>
    public long ReceivedBefore { get; set; }

    /// <summary>When everyone was cut off; 0 if not yet.</summary>
    public long StormAt { get; set; }

    /// <summary>How many clients were connected just before.</summary>
    public int BeforeStorm { get; set; }

    /// <summary>How long it took until as many were back, in milliseconds; null if they never were.</summary>
    public double? StormMs { get; set; }
}
