using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Hosting;
using SseScaling.Telemetry;

namespace SseScaling.Topics;

/// <summary>
/// The topics that this replica's clients listen to. The first user of a topic subscribes it at the backplane; the last one leaves it
/// lingering, so that reconnecting clients find it live. Any thread.
/// </summary>
internal sealed partial class TopicRegistry : IDisposable
{
    private readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _removing = new();
    private readonly ILogger _logger;
    private readonly IBackplane _backplane;
    private readonly TimeProvider _time;
    private readonly Broadcast _broadcast;
    private readonly Dispatcher[] _dispatchers;
    private readonly HistoryReader _history;
    private readonly HeadReader _heads;
    private readonly Replay _replay;

    public TopicRegistry(
        IBackplane backplane, IOptions<SseOptions> options, DeliveryMetrics metrics, DeliverySpans spans, TimeProvider time, ILogger<TopicRegistry> logger)
    {
        (_backplane, _time, _logger) = (backplane, time, logger);
        _broadcast = new Broadcast(metrics, spans, logger);
        var threads = options.Value.Dispatchers is > 0 and var chosen ? chosen : Math.Max(1, Environment.ProcessorCount / 2);
        _dispatchers = [.. Enumerable.Range(0, threads).Select(i => new Dispatcher(i, metrics.Dropped))];
        _history = new HistoryReader(backplane, time, logger, _stopped.Token);
        _heads = new HeadReader(backplane, _history, _stopped.Token);
        _replay = new Replay(_history, metrics, _stopped.Token);
        metrics.ObserveTopics(() => _topics.Count);
    }

    /// <summary>The subscribed topics, lingering ones included.</summary>
    public ICollection<Topic> Topics => _topics.Values;

    public int TopicCount => _topics.Count;

    /// <summary>The subscriptions of a plan, which use its topics from now on: <see cref="Begin"/> them, and in the end leave.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="isOpened">Whether the stream began already, with other subscriptions.</param>
    public SubscriptionSet Create(Connection connection, StreamPlan plan, bool isOpened)
    {
        var used = new Topic[plan.Topics.Count];
        for (var i = 0; i < used.Length; i++)
            used[i] = Use(plan.Topics[i].Name);
        return new SubscriptionSet(connection, used, plan, isOpened);
    }

    /// <summary>Joins the topics once all of them are live, which for known ones is before this returns; the stream begins then.</summary>
    public void Begin(SubscriptionSet set)
    {
        if (Array.TrueForAll(set.All, subscription => subscription.Topic.Sequence.WhenLive.IsCompleted))
            Join(set, set.BeginJoining());
        else
            _ = JoinWhenLiveAsync(set);
    }

    /// <summary>Gives up the topics that had no user for the linger time.</summary>
    public void RemoveIdle(TimeSpan linger)
    {
        var before = _time.Milliseconds() - (long)linger.TotalMilliseconds;
        foreach (var (name, topic) in _topics)
        {
            if (!topic.IsIdleSince(before))
                continue;
            lock (_removing)
            {
                if (!topic.TryRemove())
                    continue;
                _ = _backplane.UnsubscribeAsync(name);
                _topics.TryRemove(KeyValuePair.Create(name, topic));
            }
        }
    }

    public void Dispose()
    {
        _stopped.Cancel();
        foreach (var dispatcher in _dispatchers)
            dispatcher.Dispose();
        _stopped.Dispose();
    }

    private Topic Use(string name)
    {
        while (true)
        {
            if (_topics.TryGetValue(name, out var topic))
            {
                if (topic.TryUse())
                    return topic;

                // Behind the end of its subscription, which would be the next one's otherwise.
                lock (_removing)
                    _topics.TryRemove(KeyValuePair.Create(name, topic));
                continue;
            }

            var dispatcher = _dispatchers[(uint)name.GetHashCode(StringComparison.Ordinal) % (uint)_dispatchers.Length];
            topic = new Topic(name, dispatcher, _broadcast, _history);
            if (!_topics.TryAdd(name, topic))
                continue;
            _ = SubscribeAsync(topic);
            return topic;
        }
    }

    private async Task SubscribeAsync(Topic topic)
    {
        try
        {
            await _backplane.SubscribeAsync(topic.Name, topic, _stopped.Token);
            _heads.Add(topic);
        }
        catch (OperationCanceledException)
        {
            // The topic was given up, or the process stops.
        }
        catch (Exception exception)
        {
            LogSubscribeFailed(exception, topic.Name);
        }
    }

    private async Task JoinWhenLiveAsync(SubscriptionSet set)
    {
        try
        {
            foreach (var subscription in set.All)
                await subscription.Topic.Sequence.WhenLive;
            var before = set.BeginJoining();
            if (before != SubscriptionSet.State.OpenedEarly || await _history.TryFindStartsAsync(set))
                Join(set, before);
        }
        catch (Exception)
        {
            // Neither live nor told so would be silence: the client comes back and starts over.
            set.Connection.End(SseDisconnectReason.Error);
        }
    }

    private void Join(SubscriptionSet set, SubscriptionSet.State before)
    {
        foreach (var subscription in set.Join(before))
            _ = _replay.RunAsync(subscription);
    }

    [LoggerMessage(13, LogLevel.Error, "[SSE] {Topic} could not be subscribed: its streams stay silent")]
    private partial void LogSubscribeFailed(Exception failure, string topic);
}
