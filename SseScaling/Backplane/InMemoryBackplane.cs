using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Options;
using SseScaling.Protocol;
using SseScaling.Telemetry;

namespace SseScaling.Backplane;

/// <summary>
/// The backplane of one process: the same contract, bounds and positions as Redis, for a laptop or a small product with one replica. Always
/// available; its history ends with the process, and a new process is a new epoch, so clients that resume are told of the gap.
/// </summary>
internal sealed partial class InMemoryBackplane : IBackplane, IDisposable
{
    // Bounds how long what has expired keeps its memory; whoever asks for it sees the exact times.
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, InMemoryTopic> _topics = new(StringComparer.Ordinal);
    private readonly SseHistoryOptions _options;
    private readonly PublishingMetrics _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<InMemoryBackplane> _log;
    private readonly ITimer _sweep;

    public InMemoryBackplane(IOptions<SseOptions> options, PublishingMetrics telemetry, TimeProvider time, ILogger<InMemoryBackplane> log)
    {
        (_options, _telemetry, _time, _log) = (options.Value.History, telemetry, time, log);
        _sweep = time.CreateTimer(static self => ((InMemoryBackplane)self!).Sweep(), this, SweepInterval, SweepInterval);
        LogMemory();
    }

    public string Name => "memory";

    public bool IsAvailable => true;

    /// <summary>Never raised: there is no link that could be interrupted.</summary>
    public event Action? Restored
    {
        add { }
        remove { }
    }

    public Task SubscribeAsync(string topic, ITopicReceiver receiver, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        With(topic, (self, _) => self.Receiver = receiver);
        return Task.CompletedTask;
    }

    public Task UnsubscribeAsync(string topic)
    {
        if (_topics.ContainsKey(topic))
            With(topic, (self, _) => self.Receiver = null);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<PublishedEvent>> PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var started = Stopwatch.GetTimestamp();
        using var activity = PublishingMetrics.StartPublish(events.Count);
        var stamp = PublishStamp.Now(_time);
        var results = new PublishedEvent[events.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var draft = events[i];
            results[i] = With(draft.Topic, (self, now) => self.Publish(draft, stamp, now));
        }
        _telemetry.Published(started, results);
        return Task.FromResult<IReadOnlyList<PublishedEvent>>(results);
    }

    public Task<HistoryPage> ReadHistoryAsync(string topic, long afterOffset, int maxCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterOffset);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxCount, HistoryPage.MaxCount);
        return Task.FromResult(_topics.ContainsKey(topic)
            ? With(topic, (self, _) => self.Read(afterOffset, maxCount))
            : new HistoryPage(EventPosition.None, 1, []));
    }

    public Task<IReadOnlyList<EventPosition>> ReadHeadsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<EventPosition>>(
            [.. topics.Select(topic => _topics.ContainsKey(topic) ? With(topic, (self, _) => self.Head) : EventPosition.None)]);

    public void Dispose() => _sweep.Dispose();

    private void Sweep()
    {
        foreach (var name in _topics.Keys)
        {
            With(name, (topic, now) =>
            {
                topic.ExpireKeys(now);
                topic.Removed = topic.IsEmpty;
                return topic.Removed && _topics.TryRemove(name, out _);
            });
        }
    }

    /// <summary>Runs a step of a topic under its gate: one receiver's calls come one at a time and in publish order.</summary>
    private T With<T>(string name, Func<InMemoryTopic, DateTimeOffset, T> step)
    {
        while (true)
        {
            var topic = _topics.GetOrAdd(name, static (_, options) => new InMemoryTopic(options), _options);
            lock (topic.Gate)
            {
                if (topic.Removed)
                    continue;
                var now = _time.GetUtcNow();
                topic.Expire(now);
                return step(topic, now);
            }
        }
    }

    [LoggerMessage(120, LogLevel.Information,
        "No other backplane is added: events stay in the memory of this one process, and their history is lost when it restarts")]
    private partial void LogMemory();
}
