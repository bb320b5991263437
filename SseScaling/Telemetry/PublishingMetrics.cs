using System.Diagnostics;
using System.Diagnostics.Metrics;
using SseScaling.Protocol;

namespace SseScaling.Telemetry;

/// <summary>All instruments of the Redis messaging, in one place. Thread-safe; one instance per process.</summary>
/// <remarks>
/// <list type="table">
/// <item><term>sse.publish.duration</term><description>s; one call of publishing, of one event or many. Tag <c>outcome</c>: ok, unavailable, cancelled.</description></item>
/// <item><term>sse.events.published</term><description>{event}; accepted by Redis, repeated ones not counted.</description></item>
/// <item><term>sse.redis.reconnects</term><description>{reconnect}; interruptions of the link that ended. Tag <c>by</c>: client, watchdog.</description></item>
/// <item><term>sse.redis.up</term><description>1 while Redis answers, else 0.</description></item>
/// <item><term>sse.redis.subscriptions</term><description>{topic}; topics that this process is subscribed to now.</description></item>
/// </list>
/// </remarks>
internal sealed class PublishingMetrics
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "SseScaling.Messaging";

    private static readonly ActivitySource Source = new(Name);
    private static readonly TagList Ok = new() { { "outcome", "ok" } };
    private static readonly TagList Unavailable = new() { { "outcome", "unavailable" } };
    private static readonly TagList Cancelled = new() { { "outcome", "cancelled" } };

    // 50 us to the time-out of 2 s and beyond: one event takes 0.1 ms on the same machine, a batch of hundreds some ms.
    private static readonly double[] DurationBounds = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    private readonly Meter _meter;
    private readonly Histogram<double> _publishDuration;
    private readonly Counter<long> _published;
    private readonly Counter<long> _reconnects;
    private readonly UpDownCounter<long> _subscriptions;

    /// <summary>Creates the instruments.</summary>
    public PublishingMetrics(IMeterFactory meters)
    {
        var meter = _meter = meters.Create(Name);
        _publishDuration = meter.CreateHistogram("sse.publish.duration", "s", "Time of one publishing call, of one event or many.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBounds });
        _published = meter.CreateCounter<long>("sse.events.published", "{event}", "Events that Redis accepted.");
        _reconnects = meter.CreateCounter<long>("sse.redis.reconnects", "{reconnect}", "Interruptions of the Redis link that ended.");
        _subscriptions = meter.CreateUpDownCounter<long>("sse.redis.subscriptions", "{topic}", "Topics subscribed in Redis.");
    }

    /// <summary>Observes whether Redis answers.</summary>
    public void ObserveLink(Func<bool> isUp) =>
        _meter.CreateObservableGauge("sse.redis.up", () => isUp() ? 1 : 0, "1", "1 while Redis answers, else 0.");

    /// <summary>Starts the span of one publishing call; null when nobody listens.</summary>
    public static Activity? StartPublish(int count)
    {
        var activity = Source.StartActivity("publish", ActivityKind.Producer);
        activity?.SetTag("messaging.system", "redis").SetTag("messaging.batch.message_count", count);
        return activity;
    }

    /// <summary>Counts a publishing call that succeeded.</summary>
    public void Published(long startedAt, ReadOnlySpan<PublishedEvent> events) => Record(startedAt, events, Ok);

    /// <summary>Counts a publishing call that failed, and what was accepted before it did.</summary>
    public void PublishFailed(long startedAt, ReadOnlySpan<PublishedEvent> accepted, bool cancelled) =>
        Record(startedAt, accepted, cancelled ? Cancelled : Unavailable);

    private void Record(long startedAt, ReadOnlySpan<PublishedEvent> accepted, in TagList outcome)
    {
        _publishDuration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, outcome);
        var fresh = 0;
        foreach (var published in accepted)
            fresh += published.Repeated ? 0 : 1;
        _published.Add(fresh);
    }

    internal void Reconnected(bool byWatchdog) => _reconnects.Add(1, new KeyValuePair<string, object?>("by", byWatchdog ? "watchdog" : "client"));

    internal void Subscribed() => _subscriptions.Add(1);

    internal void Unsubscribed() => _subscriptions.Add(-1);
}
