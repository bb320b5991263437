using System.Diagnostics;
using System.Text;
using SseScaling.Hosting;
using SseScaling.Protocol;

namespace SseScaling.Telemetry;

/// <summary>
/// The last part of a trace: the span <c>deliver</c>, from the arrival of a publishing call's events at this replica to their last write to a client, under the
/// call's own span, which the envelopes name.
/// </summary>
/// <remarks>
/// One span for each publishing call and replica, with counts, however many topics and clients it reached: a post to 10,000 followers would be 10,000 spans
/// otherwise. It is sent once its call has been quiet for <see cref="Turn"/>. Events whose publisher records no trace cost a look at their envelope. Any thread.
/// </remarks>
internal sealed class DeliverySpans(Supervision supervision) : SupervisedService(supervision)
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = DeliveryMetrics.MeterName;

    // Calls that are being delivered at once; those beyond have no span.
    private const int MaxOpen = 1_024;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);
    private static readonly ActivitySource Source = new(SourceName);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Delivery> _open = new(StringComparer.Ordinal);

    /// <summary>Whether one of these events belongs to a trace that somebody records.</summary>
    public static bool AreWanted(ReadOnlySpan<EventEnvelope> events)
    {
        if (!Source.HasListeners())
            return false;
        foreach (ref readonly var envelope in events)
        {
            if (!envelope.TraceParent.IsEmpty)
                return true;
        }

        return false;
    }

    /// <summary>Adds what was delivered of one topic.</summary>
    /// <param name="events">The events.</param>
    /// <param name="subscribers">To how many streams each went; 1 or more.</param>
    /// <param name="received">When the replica began with them, UTC.</param>
    /// <param name="first">When the first stream had them, UTC.</param>
    public void Add(ReadOnlySpan<EventEnvelope> events, int subscribers, DateTime received, DateTime first)
    {
        var last = DateTime.UtcNow;
        Delivery? delivery = null;
        lock (_gate)
        {
            var parent = default(ReadOnlyMemory<byte>);
            foreach (ref readonly var envelope in events)
            {
                if (envelope.TraceParent.IsEmpty)
                    continue;
                if (delivery is null || !envelope.TraceParent.Span.SequenceEqual(parent.Span))
                {
                    parent = envelope.TraceParent;
                    delivery = Find(parent.Span, received, first);
                    if (delivery is null)
                        return;
                    delivery.Topics++;
                    delivery.Last = last;
                }

                delivery.Events++;
                delivery.Deliveries += subscribers;
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Send(DateTime.MaxValue);
    }

    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(Turn, SendQuietAsync, stoppingToken);

    private Task SendQuietAsync(CancellationToken stopping)
    {
        Send(DateTime.UtcNow - Turn);
        return Task.CompletedTask;
    }

    private Delivery? Find(ReadOnlySpan<byte> parent, DateTime received, DateTime first)
    {
        Span<char> key = stackalloc char[parent.Length];
        Encoding.ASCII.GetChars(parent, key);
        var open = _open.GetAlternateLookup<ReadOnlySpan<char>>();
        if (open.TryGetValue(key, out var delivery) || _open.Count == MaxOpen)
            return delivery;
        return _open[key.ToString()] = new Delivery(received, first);
    }

    private void Send(DateTime quietSince)
    {
        KeyValuePair<string, Delivery>[] done;
        lock (_gate)
        {
            done = _open.Count == 0 ? [] : [.. _open.Where(entry => entry.Value.Last <= quietSince)];
            foreach (var (parent, _) in done)
                _open.Remove(parent);
        }

        foreach (var (parent, delivery) in done)
            Send(parent, delivery);
    }

    private static void Send(string parent, Delivery delivery)
    {
        if (!ActivityContext.TryParse(parent, null, isRemote: true, out var context))
            return;
        using var activity = Source.StartActivity("deliver", ActivityKind.Consumer, context, startTime: delivery.Received);
        activity?.SetTag("messaging.system", "redis")
            .SetTag("messaging.batch.message_count", delivery.Events)
            .SetTag("sse.topics", delivery.Topics)
            .SetTag("sse.deliveries", delivery.Deliveries)
            .SetTag("sse.first_delivery_ms", (delivery.First - delivery.Received).TotalMilliseconds)
            .AddEvent(new ActivityEvent("first delivery", delivery.First))
            .SetEndTime(delivery.Last);
    }

    private sealed class Delivery(DateTime received, DateTime first)
    {
        public DateTime Received => received;

        public DateTime First => first;

        public DateTime Last { get; set; }

        public int Topics { get; set; }

        public long Events { get; set; }

        public long Deliveries { get; set; }
    }
}
