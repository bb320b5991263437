using SseScaling.Protocol;
using SseScaling.Telemetry;

namespace SseScaling.Topics;

/// <summary>Gives what a topic publishes to its subscribers, and counts it. One caller at a time for a topic.</summary>
internal sealed partial class Broadcast(DeliveryMetrics metrics, DeliverySpans spans, ILogger logger)
{
    // The latency of so many writes in a row is taken as that of the last one: they are microseconds apart.
    private const int WritesPerSample = 16;

    /// <summary>Gives a batch to subscribers: no waiting, no allocation, whatever their number.</summary>
    /// <param name="batch">The events in their wire form.</param>
    /// <param name="subscribers">The topic's live subscribers.</param>
    /// <param name="events">The same events as they came.</param>
    public void Send(EncodedBatch batch, ReadOnlySpan<Subscription> subscribers, ReadOnlySpan<EventEnvelope> events)
    {
        metrics.Received(batch.Count);
        if (subscribers.IsEmpty)
            return;
        var started = metrics.FanOutStarts();
        if (DeliverySpans.AreWanted(events))
        {
            var received = DateTime.UtcNow;
            Send(batch, subscribers[..1]);
            var first = DateTime.UtcNow;
            Send(batch, subscribers[1..]);
            spans.Add(events, subscribers.Length, received, first);
        }
        else
        {
            Send(batch, subscribers);
        }

        metrics.FannedOut(started, subscribers.Length);
    }

    /// <summary>Tells subscribers, and the log, of a hole that history could not fill.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="gap">The hole.</param>
    /// <param name="behind">Where the topic goes on.</param>
    /// <param name="subscribers">The topic's live subscribers.</param>
    public void SendGap(string topic, Gap gap, EventPosition behind, ReadOnlySpan<Subscription> subscribers)
    {
        metrics.Gap(subscribers.Length);
        LogGap(topic, gap.From?.ToString() ?? "?", gap.To?.ToString() ?? "?", subscribers.Length);
        foreach (var subscription in subscribers)
            subscription.Set.SendGap(subscription, gap, behind);
    }

    /// <summary>Counts live messages that did not fit; the durable ones come from the stream.</summary>
    public void Dropped(int messages) => metrics.Dropped(messages);

    private void Send(EncodedBatch batch, ReadOnlySpan<Subscription> subscribers)
    {
        var published = batch.Events[0].PublishedMicros;
        for (var i = 0; i < subscribers.Length; i++)
        {
            subscribers[i].Set.Deliver(subscribers[i], batch, 0, batch.Count);
            if (published > 0 && (i % WritesPerSample == WritesPerSample - 1 || i == subscribers.Length - 1))
                metrics.Latency(published, batch.Count * ((i % WritesPerSample) + 1));
        }
    }

    [LoggerMessage(11, LogLevel.Warning, "[SSE] {Topic}: history no longer holds {From} to {To}; {Subscribers} clients were told")]
    private partial void LogGap(string topic, string from, string to, int subscribers);
}
