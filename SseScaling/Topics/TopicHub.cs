using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Protocol;
using SseScaling.Telemetry;

namespace SseScaling.Topics;

/// <summary>
/// The topics that this replica's clients listen to. The first user of a topic subscribes it at the backplane; the last one leaves it
/// lingering, so that reconnecting clients find it live.
/// </summary>
internal sealed partial class TopicHub : IDisposable
{
    // The latency of so many writes in a row is taken as that of the last one: they are microseconds apart.
    private const int WritesPerSample = 16;

    private readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopped = new();
    private readonly IBackplane _backplane;
    private readonly Dispatcher[] _dispatchers;
    private readonly HeadReads _heads;
    private readonly CatchUps _catchUps;
    private readonly EarlyStarts _starts;
    private readonly ConcurrentQueue<(Topic Topic, EventPosition Behind)> _failedReads = new();
    private readonly DeliveryMetrics _metrics;
    private readonly DeliverySpans _spans;
    private readonly ILogger<TopicHub> _logger;

    public TopicHub(IBackplane backplane, IOptions<SseOptions> options, DeliveryMetrics metrics, DeliverySpans spans, ILogger<TopicHub> logger)
    {
        _backplane = backplane;
        _metrics = metrics;
        _spans = spans;
        _logger = logger;
        var threads = options.Value.Dispatchers is > 0 and var chosen ? chosen : Math.Max(1, Environment.ProcessorCount / 2);
        _dispatchers = [.. Enumerable.Range(0, threads).Select(i => new Dispatcher(i, Dropped))];
        _heads = new HeadReads(backplane, Live, LogReadFailed, _stopped.Token);
        _catchUps = new CatchUps(backplane, metrics, _stopped.Token);
        _starts = new EarlyStarts(backplane, _stopped.Token);
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
        if (Array.TrueForAll(set.All, s => s.Topic.WhenLive.IsCompleted))
            set.Join();
        else
            _ = JoinWhenLiveAsync(set);
    }

    /// <summary>Gives up the topics that had no user for the linger time.</summary>
    public void RemoveIdle(TimeSpan linger)
    {
        var before = Environment.TickCount64 - (long)linger.TotalMilliseconds;
        foreach (var (name, topic) in _topics)
        {
            // The removed topic leaves the dictionary by itself: whoever needs the name meanwhile replaces it.
            if (topic.IsIdleSince(before) && topic.TryRemove(() => _ = _backplane.UnsubscribeAsync(name)))
                _topics.TryRemove(new KeyValuePair<string, Topic>(name, topic));
        }
    }

    /// <summary>Has a topic read its stream, since its head was seen elsewhere than the topic stands.</summary>
    public static void Recover(Topic topic) => topic.Dispatcher.Post(topic.Recover);

    /// <summary>Has a topic go back to its stream's head, which lies before the position that it had when the head was read.</summary>
    public static void GoBack(Topic topic, EventPosition head) => topic.Dispatcher.Post(() => topic.GoBack(head));

    /// <summary>Reads again what could not be read.</summary>
    public void RetryFailedReads()
    {
        for (var n = _failedReads.Count; n > 0 && _failedReads.TryDequeue(out var read); n--)
            ReadBehind(read.Topic, read.Behind);
    }

    /// <summary>Lets a subscriber catch up in the background.</summary>
    public void CatchUp(Subscription subscription) => _ = _catchUps.RunAsync(subscription);

    /// <summary>Reads the stream behind a position and gives the page to the topic.</summary>
    public void ReadBehind(Topic topic, EventPosition position) => _ = ReadBehindAsync(topic, position);

    /// <summary>Gives a batch to subscribers: no waiting, no allocation, whatever their number.</summary>
    /// <param name="batch">The events in their wire form.</param>
    /// <param name="subscribers">The topic's live subscribers.</param>
    /// <param name="events">The same events as they came.</param>
    public void FanOut(EncodedBatch batch, ReadOnlySpan<Subscription> subscribers, ReadOnlySpan<EventEnvelope> events)
    {
        _metrics.Received(batch.Count);
        if (subscribers.IsEmpty)
            return;
        var started = _metrics.FanOutStarts();
        if (DeliverySpans.AreWanted(events))
        {
            var received = DateTime.UtcNow;
            Deliver(batch, subscribers[..1]);
            var first = DateTime.UtcNow;
            Deliver(batch, subscribers[1..]);
            _spans.Add(events, subscribers.Length, received, first);
        }
        else
        {
            Deliver(batch, subscribers);
        }

        _metrics.FannedOut(started, subscribers.Length);
    }

    /// <summary>Counts and logs a hole that history could not fill.</summary>
    public void Gap(string topic, Gap gap, int subscribers)
    {
        _metrics.Gap(subscribers);
        LogGap(topic, gap.From?.ToString() ?? "?", gap.To?.ToString() ?? "?", subscribers);
    }

    /// <summary>Counts live messages that did not fit; the durable ones come from the stream.</summary>
    public void Dropped(int messages) => _metrics.Dropped(messages);

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
                _topics.TryRemove(new KeyValuePair<string, Topic>(name, topic));
                continue;
            }

            var dispatcher = _dispatchers[(uint)name.GetHashCode(StringComparison.Ordinal) % (uint)_dispatchers.Length];
            topic = new Topic(name, this, dispatcher);
            topic.TryUse();
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
    }

    private void Deliver(EncodedBatch batch, ReadOnlySpan<Subscription> subscribers)
    {
        var published = batch.Events[0].PublishedMicros;
        for (var i = 0; i < subscribers.Length; i++)
        {
            subscribers[i].Set.Deliver(subscribers[i], batch, 0, batch.Count);
            if (published > 0 && (i % WritesPerSample == WritesPerSample - 1 || i == subscribers.Length - 1))
                _metrics.Latency(published, batch.Count * ((i % WritesPerSample) + 1));
        }
    }

    private static void Live(Topic topic, EventPosition head) => topic.Dispatcher.Post(() => topic.GoLive(head));

    private async Task JoinWhenLiveAsync(SubscriptionSet set)
    {
        foreach (var subscription in set.All)
            await subscription.Topic.WhenLive;
        if (set.WasOpenedEarly())
            await _starts.FindAsync(set);
        set.Join();
    }

    private async Task ReadBehindAsync(Topic topic, EventPosition position)
    {
        try
        {
            var page = await _backplane.ReadHistoryAsync(topic.Name, position.Offset, CatchUps.PageSize, _stopped.Token);
            topic.Dispatcher.Post(() => topic.ApplyPage(page));
        }
        catch (Exception e) when (e is SseUnavailableException || !_stopped.IsCancellationRequested)
        {
            // Whatever it was: a topic that waits for a page which nobody reads would be silent for good.
            _failedReads.Enqueue((topic, position));
            if (e is not SseUnavailableException)
                LogReadFailed(e, topic.Name);
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    [LoggerMessage(11, LogLevel.Warning, "[SSE] {Topic}: history no longer holds {From} to {To}; {Subscribers} clients were told")]
    private partial void LogGap(string topic, string from, string to, int subscribers);

    [LoggerMessage(12, LogLevel.Error, "[SSE] {Topic}: its history could not be read; trying again")]
    private partial void LogReadFailed(Exception failure, string topic);
}
