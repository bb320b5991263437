using System.Text.Json.Serialization;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Report;

/// <summary>Everything about one run, as report.json has it; docs/load-testing.md documents the schema.</summary>
internal sealed record RunReport
{
    /// <summary>The schema's name and version.</summary>
    public const string CurrentSchema = "sse-load-test/1";

    public string Schema { get; init; } = CurrentSchema;
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>completed, interrupted, or failed.</summary>
    public string Outcome { get; init; } = "completed";

    /// <summary>Why it is not completed, in one sentence.</summary>
    public string? Problem { get; init; }

    public RunSettings Settings { get; init; } = new();
    public Machine Machine { get; init; } = new();
    public ConnectionFigures Connections { get; init; } = new();
    public EventFigures Events { get; init; } = new();
    public ThroughputFigures Throughput { get; init; } = new();
    public Distribution LatencyMs { get; init; } = new();
    public Distribution ConfirmationMs { get; init; } = new();
    public ServerFigures Server { get; init; } = new();
    public ToolFigures Tool { get; init; } = new();
    public IReadOnlyList<ThresholdResult> Thresholds { get; init; } = [];

    /// <summary>What readers should know before they believe the figures.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public IReadOnlyList<PercentilePoint> Percentiles { get; init; } = [];
    public IReadOnlyList<LatencyBar> LatencyBars { get; init; } = [];
    public IReadOnlyList<Sample> Series { get; init; } = [];
}

/// <summary>What was asked for.</summary>
internal sealed record RunSettings
{
    public string Scenario { get; init; } = "";
    public IReadOnlyList<string> Urls { get; init; } = [];
    public string Path { get; init; } = "";
    public int Connections { get; init; }
    public int Topics { get; init; }
    public double RampPerSecond { get; init; }
    public double EventsPerSecond { get; init; }
    public string Publish { get; init; } = "";
    public bool Durable { get; init; }
    public int EventBytes { get; init; }
    public int SlowClients { get; init; }
    public int DroppingClients { get; init; }
    public bool Storm { get; init; }
    public double WarmUpSeconds { get; init; }
    public double DurationSeconds { get; init; }
    public double MeasuredSeconds { get; init; }
}

/// <summary>The machine that ran this tool.</summary>
internal sealed record Machine
{
    public string System { get; init; } = "";
    public string Runtime { get; init; } = "";
    public string Architecture { get; init; } = "";
    public int Processors { get; init; }
    public long MemoryBytes { get; init; }
}

/// <summary>The clients' connections.</summary>
internal sealed record ConnectionFigures
{
    public int Established { get; init; }
    public int AtEnd { get; init; }
    public long Failures { get; init; }
    public long ClosedByServer { get; init; }
    public long Dropped { get; init; }
    public long Reconnects { get; init; }
    public double? StormMs { get; init; }
    public Distribution ConnectMs { get; init; } = new();
    public Distribution CatchUpMs { get; init; } = new();
}

/// <summary>What became of the events.</summary>
internal sealed record EventFigures
{
    public long Published { get; init; }
    public long Refused { get; init; }
    public long Delivered { get; init; }
    public long Lost { get; init; }
    public long AnnouncedMissing { get; init; }
    public long Repeated { get; init; }
    public long Misordered { get; init; }
    public long Misrouted { get; init; }
    public long GapEvents { get; init; }
    public long Foreign { get; init; }
    public long Heartbeats { get; init; }
}

/// <summary>How much went through, in the measured time.</summary>
internal sealed record ThroughputFigures
{
    public double DeliveriesPerSecond { get; init; }
    public double PeakDeliveriesPerSecond { get; init; }
    public double BytesPerSecond { get; init; }
}

/// <summary>What /api/stats said.</summary>
internal sealed record ServerFigures
{
    public long? PeakConnections { get; init; }
    public long? PeakMemoryBytes { get; init; }
}

/// <summary>What this tool itself took and added.</summary>
internal sealed record ToolFigures
{
    public double AverageCpuCores { get; init; }
    public double PeakCpuCores { get; init; }
    public long PeakMemoryBytes { get; init; }
    public int ReceiveThreads { get; init; }

    /// <summary>Latency of a stream that this tool sends to itself, through the same receive loop.</summary>
    public Distribution LatencyMs { get; init; } = new();

    /// <summary>How late the schedule got to its events.</summary>
    public Distribution LatenessMs { get; init; } = new();
}

/// <summary>A histogram in figures, in milliseconds.</summary>
internal sealed record Distribution
{
    public long Count { get; init; }
    public double Min { get; init; }
    public double Mean { get; init; }
    public double P50 { get; init; }
    public double P90 { get; init; }
    public double P95 { get; init; }
    public double P99 { get; init; }
    public double P999 { get; init; }
    public double Max { get; init; }

    /// <summary>Reads a histogram.</summary>
    public static Distribution Of(Histogram histogram) => new()
    {
        Count = histogram.Count,
        Min = Round(histogram.Min),
        Mean = Round(histogram.Mean),
        P50 = Round(histogram.Percentile(50)),
        P90 = Round(histogram.Percentile(90)),
        P95 = Round(histogram.Percentile(95)),
        P99 = Round(histogram.Percentile(99)),
        P999 = Round(histogram.Percentile(99.9)),
        Max = Round(histogram.Max),
    };

    /// <summary>Milliseconds of nanoseconds, to the microsecond.</summary>
    public static double Round(double nanoseconds) => Math.Round(nanoseconds / 1e6, 3);
}

/// <summary>A point of the percentile curve.</summary>
internal sealed record PercentilePoint(double Percent, double Ms);

/// <summary>A bar of the latency distribution.</summary>
internal sealed record LatencyBar(double FromMs, double ToMs, long Count);

/// <summary>How reports are written and read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RunReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
