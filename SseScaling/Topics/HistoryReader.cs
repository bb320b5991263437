using System.Diagnostics.CodeAnalysis;
using SseScaling.Backplane;
using SseScaling.Hosting;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>Reads topics' streams for topics and clients that lack a part of them. Any thread.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Readers release it after the stop, and a semaphore whose wait handle is never asked for holds nothing to dispose.")]
internal sealed partial class HistoryReader(IBackplane backplane, TimeProvider time, ILogger logger, CancellationToken stopped)
{
    /// <summary>Events per page; the backplane also ends a page at about 256 KiB.</summary>
    public const int PageSize = 256;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // Publishers' clocks differ from this one's. An event too many does no harm, for the client is new.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(1);

    // So that a storm of resuming clients leaves Redis and the cores to live delivery.
    private readonly SemaphoreSlim _forClients = new(16);

    /// <summary>Reads a page for a client.</summary>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    public async Task<HistoryPage> ReadAsync(string topic, long after)
    {
        await _forClients.WaitAsync(stopped);
        try
        {
            return await backplane.ReadHistoryAsync(topic, after, PageSize, stopped);
        }
        finally
        {
            _forClients.Release();
        }
    }

    /// <summary>Reads the page behind a topic's position, until it is read or the process stops: a topic that waited for one in vain would be silent for good.</summary>
    public async Task ReadBehindAsync(string topic, EventPosition position, Action<HistoryPage> read)
    {
        if (await TryUntilReadAsync(topic, () => backplane.ReadHistoryAsync(topic, position.Offset, PageSize, stopped)) is { } page)
            read(page);
    }

    /// <summary>
    /// Finds where a stream begins that was opened while the backplane was away, so before anybody knew the position of its topics: behind the last event that was
    /// published before. Without that, what comes between the backplane's return and going live would be missed in silence.
    /// </summary>
    /// <returns>False when the stream is over or the process stops.</returns>
    public async Task<bool> TryFindStartsAsync(SubscriptionSet set)
    {
        var since = time.GetUtcNow() - TimeSpan.FromMilliseconds(time.Milliseconds() - set.Connection.StartedAt) - ClockSkew;
        foreach (var subscription in set.All.Where(subscription => subscription.Resume is null))
            subscription.Resume = await TryUntilReadAsync<EventPosition?>(subscription.Topic.Name, () => FindAsync(subscription, since));
        return Array.TrueForAll(set.All, subscription => subscription.Resume is not null);
    }

    /// <summary>Repeats a read until it succeeds, whatever it fails by; the default when the process stops.</summary>
    /// <param name="topic">For the log.</param>
    /// <param name="read">The read.</param>
    public async Task<T?> TryUntilReadAsync<T>(string topic, Func<Task<T>> read)
    {
        while (true)
        {
            try
            {
                return await read();
            }
            catch (Exception) when (stopped.IsCancellationRequested)
            {
                return default;
            }
            catch (SseUnavailableException e)
            {
                await Task.Delay(e.RetryAfter, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e)
            {
                LogReadFailed(e, topic);
                await Task.Delay(RetryAfter, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The position behind which the events since a time follow; null when the client is gone.</summary>
    private async Task<EventPosition?> FindAsync(Subscription subscription, DateTimeOffset since)
    {
        var sinceMicros = (since - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        for (var after = 0L; !subscription.IsOver;)
        {
            var page = await ReadAsync(subscription.Topic.Name, after);
            foreach (var envelope in page.Events.Select(e => EventEnvelope.Parse(e)))
            {
                if (envelope.PublishedMicros >= sinceMicros)
                    return envelope.Position with { Offset = envelope.Position.Offset - 1 };
                after = envelope.Position.Offset;
            }

            if (page.Events.Count == 0 || after >= page.Head.Offset)
                return page.Head;
        }

        return null;
    }

    [LoggerMessage(12, LogLevel.Error, "[SSE] {Topic}: its history could not be read; trying again")]
    private partial void LogReadFailed(Exception failure, string topic);
}
