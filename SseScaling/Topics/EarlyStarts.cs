using SseScaling.Backplane;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>
/// Finds where a stream begins that was opened while the backplane was away, so before anybody knew the position of its topics: behind the last event
/// that was published before. Without that, what comes between the backplane's return and going live would be missed in silence.
/// </summary>
internal sealed class EarlyStarts(IBackplane backplane, CancellationToken stopped) : IDisposable
{
    // Publishers' clocks differ from this one's. An event too many does no harm, for the client is new.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(1);

    // So that those who waited leave Redis to live delivery when it is back.
    private readonly SemaphoreSlim _reads = new(16);

    /// <summary>Sets the start of each subscription that has none.</summary>
    public async Task FindAsync(SubscriptionSet set)
    {
        var age = TimeSpan.FromMilliseconds(Environment.TickCount64 - set.Connection.StartedAt);
        var since = (DateTimeOffset.UtcNow - age - ClockSkew - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        foreach (var subscription in set.All)
        {
            while (subscription.Resume is null && !set.Connection.IsEnding && !stopped.IsCancellationRequested)
                subscription.Resume = await TryFindAsync(subscription.Topic, since);
        }
    }

    public void Dispose() => _reads.Dispose();

    /// <summary>The position behind which the events since a time follow; null when it could not be read now.</summary>
    private async Task<EventPosition?> TryFindAsync(Topic topic, long sinceMicros)
    {
        try
        {
            await _reads.WaitAsync(stopped);
            try
            {
                return await FindAsync(topic.Name, sinceMicros);
            }
            finally
            {
                _reads.Release();
            }
        }
        catch (SseUnavailableException e)
        {
            await Task.Delay(e.RetryAfter, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<EventPosition> FindAsync(string topic, long sinceMicros)
    {
        for (var after = 0L; ;)
        {
            var page = await backplane.ReadHistoryAsync(topic, after, CatchUps.PageSize, stopped);
            foreach (var envelope in page.Events.Select(e => EventEnvelope.Parse(e)))
            {
                if (envelope.PublishedMicros >= sinceMicros)
                    return envelope.Position with { Offset = envelope.Position.Offset - 1 };
                after = envelope.Position.Offset;
            }

            if (page.Events.Count == 0 || after >= page.Head.Offset)
                return page.Head;
        }
    }
}
