using Microsoft.Extensions.Options;
using SseScaling.Backplane;
using SseScaling.Hosting;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>
/// Compares the topics' positions with the streams, every few seconds and at once after a restored link: live messages are at most once, and the
/// last one of a topic may have been lost without a later one to show the hole. Also gives up idle topics.
/// </summary>
internal sealed class Reconciler(TopicHub hub, IBackplane backplane, IOptions<SseOptions> options, Supervision supervision)
    : SupervisedService(supervision)
{
    private const int TopicsPerRead = 500;

    // A live message may be on its way while the head is read; only a topic that still lags after this time has missed something.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _restored = new(0);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        backplane.Restored += OnRestored;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        backplane.Restored -= OnRestored;
        _restored.Dispose();
        base.Dispose();
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var tick = options.Value.Reconcile < TimeSpan.FromSeconds(1) ? options.Value.Reconcile : TimeSpan.FromSeconds(1);
            var next = Environment.TickCount64 + (long)options.Value.Reconcile.TotalMilliseconds;
            while (Environment.TickCount64 < next && !await _restored.WaitAsync(tick, stoppingToken))
            {
                hub.RetryFailedReads();
                hub.RemoveIdle(options.Value.TopicLinger);
            }

            hub.RetryFailedReads();
            foreach (var topics in hub.Topics.Where(t => t.WhenLive.IsCompleted).Chunk(TopicsPerRead))
                await ReconcileAsync(topics, stoppingToken);
            Worked(options.Value.Reconcile);
        }
    }

    private void OnRestored() => _restored.Release();

    private async Task ReconcileAsync(Topic[] topics, CancellationToken cancellationToken)
    {
        // Read first, so that a head below it means a stream that went back (Redis restarted with older data), not a message in flight.
        var before = Array.ConvertAll(topics, t => t.Position);
        var heads = await backplane.ReadHeadsAsync(Array.ConvertAll(topics, t => t.Name), cancellationToken);
        var suspects = Enumerable.Range(0, topics.Length).Where(i => before[i] != heads[i]).ToList();
        if (suspects.Count == 0)
            return;
        await Task.Delay(Grace, cancellationToken);
        foreach (var i in suspects)
        {
            var wentBack = before[i].Epoch == heads[i].Epoch && before[i].Offset > heads[i].Offset;
            if (wentBack)
                TopicHub.GoBack(topics[i], heads[i]);
            else if (IsBehind(topics[i].Position, heads[i]))
                TopicHub.Recover(topics[i]);
        }
    }

    private static bool IsBehind(EventPosition position, EventPosition head) =>
        position.Epoch != head.Epoch || position.Offset < head.Offset;
}
