using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.Load;

namespace SseScaling.LoadTest.Measure;

/// <summary>Takes a sample each second and keeps the totals of the run. One thread.</summary>
/// <param name="clients">The clients.</param>
/// <param name="schedule">The publishing, or null if there is none.</param>
/// <param name="stats">The server's own figures.</param>
internal sealed class Recorder(ClientPopulation clients, Schedule? schedule, ServerStats stats)
{
    private const double ShortestSample = 0.5;

    private readonly List<Sample> _samples = [];
    private readonly ToolUsage _usage = new();
    private readonly long _startedAt = Clock.Now;
    private long _takenAt = Clock.Now;
    private long _published;
    private long _received;
    private long _bytes;

    /// <summary>The samples so far.</summary>
    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>The latest reading of all counters.</summary>
    public ClientCounters Counters { get; private set; } = new();

    /// <summary>Latency of the measured time.</summary>
    public Histogram Latency { get; } = new();

    /// <summary>Catching up after a resume, in the measured time.</summary>
    public Histogram CatchUp { get; } = new();

    /// <summary>Opening streams.</summary>
    public Histogram Connect { get; } = new();

    /// <summary>This tool's own latency in the measured time.</summary>
    public Histogram Tool { get; } = new();

    /// <summary>This tool's processors, on average over the measured time.</summary>
    public double AverageCores => _measuring?.AverageCores ?? _usage.AverageCores;

    private ToolUsage? _measuring;

    /// <summary>From here on the figures count.</summary>
    public void BeginMeasuring()
    {
        Tool.Clear();
        _measuring = new ToolUsage();
    }

    /// <summary>Takes a sample.</summary>
    /// <param name="phase">What the run is doing.</param>
    public Sample Take(string phase)
    {
        var now = Clock.Now;
        var seconds = Math.Max(1e-3, Clock.Seconds(_takenAt, now));
        var counters = new ClientCounters();
        clients.Take(counters);
        var probe = new Histogram();
        clients.Probe.Take(probe);
        var publishing = schedule?.Total();
        var published = publishing?.Accepted ?? 0;
        var sample = new Sample
        {
            Seconds = Math.Round(Clock.Seconds(_startedAt, now), 2),
            Phase = phase,
            Connected = counters.Connected,
            PublishedPerSecond = Math.Round((published - _published) / seconds, 1),
            DeliveredPerSecond = Math.Round((counters.Received - _received) / seconds, 1),
            BytesPerSecond = Math.Round((counters.Bytes - _bytes) / seconds),
            P50 = Milliseconds(counters.Latency, 50),
            P95 = Milliseconds(counters.Latency, 95),
            P99 = Milliseconds(counters.Latency, 99),
            Max = Milliseconds(counters.Latency, 100),
            Errors = counters.ConnectFailures + counters.ClosedByServer + (publishing?.Refused ?? 0),
            Reconnects = counters.Reconnects,
            SequenceFaults = counters.Repeated + counters.Misordered + counters.Misrouted + counters.UnexpectedGaps,
            ServerConnections = stats.Latest.Connections,
            ServerMemoryBytes = stats.Latest.MemoryBytes,
            ToolCpuCores = Math.Round(_usage.TakeCores(), 3),
            ToolMemoryBytes = Environment.WorkingSet,
            ToolP99 = Milliseconds(probe, 99),
        };
        Latency.Add(counters.Latency);
        CatchUp.Add(counters.CatchUp);
        Connect.Add(counters.Connect);
        Tool.Add(probe);
        (Counters, _takenAt, _published, _received, _bytes) = (counters, now, published, counters.Received, counters.Bytes);
        // The rest of a second at the end of a phase counts in the totals, but its rates would only be spikes in a chart.
        if (seconds >= ShortestSample || _samples.Count == 0) _samples.Add(sample);
        return sample;
    }

    private static double? Milliseconds(Histogram histogram, double percent) =>
        histogram.Count == 0 ? null : Math.Round(histogram.Percentile(percent) / 1e6, 3);
}
