using SseScaling.Backplane;

namespace SseScaling.Topics;

/// <summary>Reads the heads of newly subscribed topics, all that wait in one round trip: 5,000 first subscribers cost tens of reads, not 5,000. Any thread.</summary>
internal sealed class HeadReader(IBackplane backplane, HistoryReader history, CancellationToken stopped)
{
    private readonly Lock _gate = new();
    private List<Topic> _waiting = [];
    private bool _isReading;

    /// <summary>Has a subscribed topic go live once its head is known.</summary>
    public void Add(Topic topic)
    {
        lock (_gate)
        {
            _waiting.Add(topic);
            if (_isReading)
                return;
            _isReading = true;
        }

        _ = ReadAsync();
    }

    private async Task ReadAsync()
    {
        while (Take() is { Count: > 0 } topics)
        {
            var names = topics.ConvertAll(topic => topic.Name);
            if (await history.TryUntilReadAsync(names[0], () => backplane.ReadHeadsAsync(names, stopped)) is not { } heads)
                return;
            foreach (var (topic, head) in topics.Zip(heads))
                topic.Dispatcher.Post(() => topic.Sequence.GoLive(head));
        }
    }

    private List<Topic> Take()
    {
        lock (_gate)
        {
            var taken = _waiting;
            _waiting = [];
            _isReading = taken.Count > 0;
            return taken;
        }
    }
}
