using System.Diagnostics.Metrics;
using SseScaling.Publisher.Traffic;

namespace SseScaling.Publisher.Telemetry;

/// <summary>Counts what was published. Written by the worker alone, read by any thread.</summary>
public sealed class PublisherMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "SseScaling.Publisher";

    private static readonly KeyValuePair<string, object?>[] Types = [new("type", "like"), new("type", "follow"), new("type", "new-post")];

    private readonly Counter<long> _publishedCounter;
    private readonly Counter<long> _skippedCounter;
    private long _published;
    private long _skipped;
    private volatile bool _isAvailable = true;

    /// <summary>Creates the instruments.</summary>
    public PublisherMetrics(IMeterFactory meters, TrafficControl control)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(control);
        var meter = meters.Create(MeterName);
        _publishedCounter = meter.CreateCounter<long>("publisher.events.published", "{event}", "Events that Redis has confirmed");
        _skippedCounter = meter.CreateCounter<long>("publisher.events.skipped", "{event}", "Events left out because Redis was away or too slow");
        meter.CreateObservableGauge("publisher.rate.target", () => control.TargetRate, "{event}/s", "The rate that the scenario asks for now");
    }

    /// <summary>Events published so far.</summary>
    public long Published => Volatile.Read(ref _published);

    /// <summary>Events left out so far.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Whether the last attempt to publish succeeded; true before the first.</summary>
    public bool IsAvailable
    {
        get => _isAvailable;
        internal set => _isAvailable = value;
    }

    /// <summary>Counts a published batch.</summary>
    internal void Count(EventBatch batch)
    {
        for (var kind = 0; kind < Types.Length; kind++)
        {
            if (batch.CountOf((EventKind)kind) is > 0 and var count)
                _publishedCounter.Add(count, Types[kind]);
        }

        Volatile.Write(ref _published, _published + batch.Events.Count);
    }

    /// <summary>Takes over the running total of events left out.</summary>
    internal void SkippedUpTo(long total)
    {
        if (total == _skipped)
            return;
        _skippedCounter.Add(total - _skipped);
        Volatile.Write(ref _skipped, total);
    }
}
