using SseScaling.Protocol;
using SseScaling.Telemetry;

namespace SseScaling.Topics;

/// <summary>
/// Brings resuming subscribers up to the live events. The topic was subscribed before; it keeps its recent events meanwhile. The missing ones are read
/// from the stream in pages, at the pace at which the client takes them, until the rest is among the recent ones; those and
/// going live are one step. So nothing is lost, repeated or out of order, however busy the topic is, and nobody's queue outgrows its bound.
/// </summary>
internal sealed class Replay(HistoryReader history, DeliveryMetrics metrics, CancellationToken stopped)
{
    private static readonly TimeSpan TopicLag = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs until the subscriber is live or gone. Never fails. The caller holds no locks.</summary>
    public async Task RunAsync(Subscription subscription)
    {
        var seen = subscription.Resume!.Value;
        try
        {
            while (!subscription.IsOver)
            {
                await subscription.Connection.WhenReadyForMoreAsync();
                if (subscription.Set.TryGoLive(subscription, seen))
                    return;
                var before = seen;
                seen = await SendPageAsync(subscription, seen);
                if (seen != before)
                    continue;

                // The stream has nothing more, but the topic stands elsewhere: its live messages lag behind, or it has not noticed a new epoch.
                subscription.Topic.Recover();
                await Task.Delay(TopicLag, stopped);
            }
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            // The process stops.
        }
        catch (Exception)
        {
            // Neither live nor told so would be silence: the client comes back and starts over.
            subscription.Connection.End(SseDisconnectReason.Error);
        }

        subscription.Topic.Members.AbandonReplay();
        subscription.Set.Ended(seen);
    }

    /// <summary>Sends the page behind a position; returns where the subscriber stands then.</summary>
    private async Task<EventPosition> SendPageAsync(Subscription subscription, EventPosition seen)
    {
        EncodedPage page;
        try
        {
            var topic = subscription.Topic;
            page = await topic.Members.ReadTailAsync(seen, async after => EncodedPage.From(await history.ReadAsync(topic.Name, after)));
        }
        catch (SseUnavailableException e)
        {
            await Task.Delay(e.RetryAfter, stopped);
            return seen;
        }

        var from = page.Page.Continue(seen, out var gap);
        if (gap is { } hole)
        {
            metrics.Gap(1);
            subscription.Set.SendGap(subscription, hole, from);
        }

        if (page.Batch is not { } batch || batch.IndexBehind(from.Offset) is var first && (first == batch.Count || batch.Events[first].Position != from.Next))
            return from;
        metrics.Replayed(batch.Count - first);
        await SendAsync(subscription, batch, first);
        return batch.Events[^1].Position;
    }

    private static async Task SendAsync(Subscription subscription, EncodedBatch batch, int first)
    {
        while (first < batch.Count)
        {
            await subscription.Connection.WhenReadyForMoreAsync();
            if (subscription.Connection.IsEnding)
                return;
            var end = first + 1;
            while (end < batch.Count && batch.Events[end].End - batch.Events[first].Start <= TopicSequence.MaxBatchBytes)
                end++;
            subscription.Set.Deliver(subscription, batch, first, end);
            first = end;
        }
    }
}
