using System.Runtime.InteropServices;
using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Measure;
using SseScaling.LoadTest.Options;

namespace SseScaling.LoadTest.Report;

/// <summary>Makes the report out of what was recorded.</summary>
internal static class ReportBuilder
{
    private const int BarsPerDecade = 20;
    private static readonly double[] CurvePercents = [0, 10, 25, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 96, 97, 98, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999, 100];

    /// <summary>All figures but the settled ones.</summary>
    public static RunReport Build(RunOptions options, ClientPopulation clients, Schedule? schedule, Recorder recorder, RunClock clock)
    {
        var counters = recorder.Counters;
        var publishing = schedule?.Total() ?? new PublishCounters();
        var lateness = new Histogram();
        schedule?.TakeLateness(lateness);
        return new RunReport
        {
            Settings = Settings(options, clients, clock),
            Machine = ThisMachine(),
            Connections = Connections(recorder, clock),
            Events = Events(counters, publishing),
            Throughput = Throughput(recorder, clock),
            LatencyMs = Distribution.Of(recorder.Latency),
            ConfirmationMs = Distribution.Of(publishing.Confirmation),
            Server = new ServerFigures
            {
                PeakConnections = recorder.Samples.Max(sample => sample.ServerConnections),
                PeakMemoryBytes = recorder.Samples.Max(sample => sample.ServerMemoryBytes),
            },
            Tool = Tool(clients, recorder, lateness),
            Percentiles = Curve(recorder.Latency),
            LatencyBars = [.. recorder.Latency.Bars(BarsPerDecade).Select(bar => new LatencyBar(bar.From / 1e6, bar.To / 1e6, bar.Count))],
            Series = recorder.Samples,
        };
    }

    private static RunSettings Settings(RunOptions options, ClientPopulation clients, RunClock clock) => new()
    {
        Scenario = options.Scenario,
        Urls = [.. options.Urls.Select(url => url.ToString())],
        Path = StreamRequest.Template(options),
        Connections = options.Connections,
        Topics = StreamRequest.TopicCount(options),
        RampPerSecond = options.Ramp,
        EventsPerSecond = options.Publish == PublishVia.None ? 0 : options.Rate,
        Publish = options.Publish.ToString().ToLowerInvariant(),
        Durable = options.Durable && options.Publish == PublishVia.Api,
        EventBytes = options.Size,
        SlowClients = clients.Slow,
        DroppingClients = clients.Dropping,
        Storm = options.Storm,
        WarmUpSeconds = options.WarmUp.TotalSeconds,
        DurationSeconds = options.Duration.TotalSeconds,
        MeasuredSeconds = Math.Round(Clock.Seconds(clock.MeasureFrom, clock.MeasureTo), 2),
    };

    private static Machine ThisMachine() => new()
    {
        System = RuntimeInformation.OSDescription,
        Runtime = RuntimeInformation.FrameworkDescription,
        Architecture = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        Processors = Environment.ProcessorCount,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
    };

    private static ConnectionFigures Connections(Recorder recorder, RunClock clock) => new()
    {
        Failures = recorder.Counters.ConnectFailures,
        ClosedByServer = recorder.Counters.ClosedByServer,
        Dropped = recorder.Counters.Dropped,
        Reconnects = recorder.Counters.Reconnects,
        StormMs = clock.StormMs,
        ConnectMs = Distribution.Of(recorder.Connect),
        CatchUpMs = Distribution.Of(recorder.CatchUp),
    };

    private static EventFigures Events(ClientCounters counters, PublishCounters publishing) => new()
    {
        Published = publishing.Accepted,
        Refused = publishing.Refused,
        Delivered = counters.Received - counters.Repeated,
        Repeated = counters.Repeated,
        Misordered = counters.Misordered,
        Misrouted = counters.Misrouted,
        GapEvents = counters.GapEvents,
        Foreign = counters.Foreign,
        Heartbeats = counters.Comments,
    };

    private static ThroughputFigures Throughput(Recorder recorder, RunClock clock)
    {
        // Until the last of them arrived: a server that falls behind must not look as fast as what was offered.
        var end = Math.Max(clock.MeasureTo, recorder.Counters.LastArrival);
        var seconds = Math.Max(1e-3, Clock.Seconds(clock.MeasureFrom, end));
        var measured = recorder.Samples.Where(sample => sample.Phase == "measuring").ToList();
        return new ThroughputFigures
        {
            DeliveriesPerSecond = Math.Round((recorder.Latency.Count + recorder.CatchUp.Count) / seconds, 1),
            PeakDeliveriesPerSecond = measured.Count == 0 ? 0 : measured.Max(sample => sample.DeliveredPerSecond),
            BytesPerSecond = measured.Count == 0 ? 0 : Math.Round(measured.Average(sample => sample.BytesPerSecond)),
        };
    }

    private static ToolFigures Tool(ClientPopulation clients, Recorder recorder, Histogram lateness) => new()
    {
        AverageCpuCores = Math.Round(recorder.AverageCores, 3),
        PeakCpuCores = recorder.Samples.Max(sample => sample.ToolCpuCores),
        PeakMemoryBytes = recorder.Samples.Max(sample => sample.ToolMemoryBytes),
        ReceiveThreads = clients.Threads,
        LatencyMs = Distribution.Of(recorder.Tool),
        LatenessMs = Distribution.Of(lateness),
    };

    private static IReadOnlyList<PercentilePoint> Curve(Histogram latency) => latency.Count == 0
        ? []
        : [.. CurvePercents.Select(percent => new PercentilePoint(percent, Distribution.Round(percent == 0 ? latency.Min : latency.Percentile(percent))))];
}
