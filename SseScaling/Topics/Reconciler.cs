using Microsoft.Extensions.Options;
using SseScaling.Backplane;
using SseScaling.Hosting;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>
/// Compares the topics' positions with the streams, every few seconds and at once after a restored link: live messages are at most once, and the
/// last one of a topic may have been lost without a later one to show the hole. Also gives up idle topics.
/// </summary>
internal sealed class Reconciler(TopicRegistry topics, IBackplane backplane, IOptions<SseOptions> options, TimeProvider time, Supervision supervision)
    : SupervisedService(supervision)
{
    private const int TopicsPerRead = 500;

    // A live message may be on its way while the head is read; only a topic that still lags after this time has missed something.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _tick = options.Value.Reconcile < LongestTick ? options.Value.Reconcile : LongestTick;
    private long? _reconciledAt = time.Milliseconds();
    private int _isRestored;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        backplane.Restored += OnRestored;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        backplane.Restored -= OnRestored;
        base.Dispose();
    }

    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(_tick, TurnAsync, stoppingToken);

    private void OnRestored()
    {
        Volatile.Write(ref _isRestored, 1);
        WorkNow();
    }

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        topics.RemoveIdle(options.Value.TopicLinger);
        if (Interlocked.Exchange(ref _isRestored, 0) != 0)
            _reconciledAt = null;

        // Half a tick, since a timer may be early.
        if (time.Milliseconds() - _reconciledAt < (options.Value.Reconcile - (_tick / 2)).TotalMilliseconds)
            return;
        foreach (var live in topics.Topics.Where(topic => topic.Sequence.WhenLive.IsCompleted).Chunk(TopicsPerRead))
            await ReconcileAsync(live, cancellationToken);
        _reconciledAt = time.Milliseconds();
    }

    private async Task ReconcileAsync(Topic[] live, CancellationToken cancellationToken)
    {
        // Read first, so that a head below it means a stream that went back (Redis restarted with older data), not a message in flight.
        var before = Array.ConvertAll(live, topic => topic.Members.Position);
        var heads = await backplane.ReadHeadsAsync(Array.ConvertAll(live, topic => topic.Name), cancellationToken);
        var suspects = Enumerable.Range(0, live.Length).Where(i => before[i] != heads[i]).ToList();
        if (suspects.Count == 0)
            return;
        await Task.Delay(Grace, cancellationToken);
        foreach (var i in suspects)
        {
            var (topic, head) = (live[i], heads[i]);
            if (IsBehind(head, before[i]))
                topic.Dispatcher.Post(() => topic.Sequence.GoBack(head));
            else if (topic.Members.Position is var position && (position.Epoch != head.Epoch || IsBehind(position, head)))
                topic.Recover();
        }
    }

    private static bool IsBehind(EventPosition one, EventPosition other) => one.Epoch == other.Epoch && one.Offset < other.Offset;
}
