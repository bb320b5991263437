namespace SseScaling.LoadTest.Measure;

/// <summary>One second of a run. Times are in seconds since its start, latencies in milliseconds and null when nothing arrived.</summary>
internal sealed record Sample
{
    public double Seconds { get; init; }
    public string Phase { get; init; } = "";
    public int Connected { get; init; }
    public double PublishedPerSecond { get; init; }
    public double DeliveredPerSecond { get; init; }
    public double BytesPerSecond { get; init; }
    public double? P50 { get; init; }
    public double? P95 { get; init; }
    public double? P99 { get; init; }
    public double? Max { get; init; }

    /// <summary>Failed connection attempts, streams that the server ended, and refused events, so far.</summary>
    public long Errors { get; init; }

    public long Reconnects { get; init; }

    /// <summary>Repeated, misordered and misrouted events and jumps in the sequence, so far.</summary>
    public long SequenceFaults { get; init; }

    public long? ServerConnections { get; init; }
    public long? ServerMemoryBytes { get; init; }
    public double ToolCpuCores { get; init; }
    public long ToolMemoryBytes { get; init; }
    public double? ToolP99 { get; init; }
}
