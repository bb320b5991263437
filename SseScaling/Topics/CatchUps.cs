using SseScaling.Backplane;
using SseScaling.Protocol;
using SseScaling.Telemetry;

namespace SseScaling.Topics;

/// <summary>
/// Brings resuming subscribers up to the live events. The topic was attached live before; it keeps its recent events meanwhile. The missing ones are read
/// from the stream in pages, at the pace at which the client takes them, until the rest is among the recent ones; those and
/// going live are one step. So nothing is lost, repeated or out of order, however busy the topic is, and nobody's queue outgrows its bound.
/// </summary>
internal sealed class CatchUps(IBackplane backplane, DeliveryMetrics metrics, CancellationToken stopped) : IDisposable
{
    /// <summary>Events per page; the backplane also ends a page at about 256 KiB.</summary>
    public const int PageSize = 256;

    // So that a storm of resuming clients leaves Redis and the cores to live delivery.
    private readonly SemaphoreSlim _reads = new(16);

    public async Task RunAsync(Subscription subscription)
    {
        // Joining holds locks that a catch-up must not meet: go on elsewhere.
        await Task.Yield();
        var topic = subscription.Topic;
        var seen = subscription.Resume!.Value;
        try
        {
            while (!subscription.IsOver)
            {
                await subscription.Connection.WhenReadyForMoreAsync();
                if (topic.TryGoLive(subscription, seen))
                    return;
                var before = seen;
                seen = await ReplayAsync(subscription, seen);
                if (seen == before)
                    await AwaitTopicAsync(topic);
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

        topic.AbandonCatchUp();
        subscription.Set.Stopped(seen);
    }

    public void Dispose() => _reads.Dispose();

    /// <summary>Sends the page behind a position; returns where the subscriber stands then.</summary>
    private async Task<EventPosition> ReplayAsync(Subscription subscription, EventPosition seen)
    {
        EncodedPage page;
        try
        {
            page = await subscription.Topic.ReadTailAsync(seen, after => ReadAsync(subscription.Topic.Name, after));
        }
        catch (SseUnavailableException e)
        {
            await Task.Delay(e.RetryAfter, stopped);
            return seen;
        }

        var from = Gap.Continue(seen, page.Page, out var gap);
        if (gap is { } hole)
        {
            metrics.Gap(1);
            subscription.Set.Tell(subscription, hole, from);
        }

        if (page.Batch is not { } batch || !Continues(batch, from, out var first))
            return from;
        metrics.Replayed(batch.Count - first);
        await SendAsync(subscription, batch, first);
        return batch.Events[^1].Position;
    }

    private async Task<EncodedPage> ReadAsync(string topic, long after)
    {
        await _reads.WaitAsync(stopped);
        try
        {
            return EncodedPage.From(await backplane.ReadHistoryAsync(topic, after, PageSize, stopped));
        }
        finally
        {
            _reads.Release();
        }
    }

    private static bool Continues(EncodedBatch batch, EventPosition from, out int first)
    {
        first = batch.IndexBehind(from.Offset);
        return first < batch.Count && batch.Events[first].Position == from.Next;
    }

    private static async Task SendAsync(Subscription subscription, EncodedBatch batch, int first)
    {
        while (first < batch.Count)
        {
            await subscription.Connection.WhenReadyForMoreAsync();
            if (subscription.Connection.IsEnding)
                return;
            var end = first + 1;
            while (end < batch.Count && batch.Events[end].End - batch.Events[first].Start <= Topic.MaxBatchBytes)
                end++;
            subscription.Set.Deliver(subscription, batch, first, end);
            first = end;
        }
    }

    /// <summary>The stream has nothing more, but the topic stands elsewhere: its live messages lag behind, or it has not noticed a new epoch.</summary>
    private async Task AwaitTopicAsync(Topic topic)
    {
        TopicHub.Recover(topic);
        await Task.Delay(50, stopped);
    }
}
