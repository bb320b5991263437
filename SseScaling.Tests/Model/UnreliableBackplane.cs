using SseScaling.Backplane;
using SseScaling.Protocol;

namespace SseScaling.Tests.Model;

/// <summary>A backplane in front of another one that loses live messages, refuses, and answers late, when it is told to.</summary>
internal sealed class UnreliableBackplane : IBackplane
{
    private readonly IBackplane _inner;

    public UnreliableBackplane(IBackplane inner)
    {
        _inner = inner;
        inner.Restored += () => Restored?.Invoke();
    }

    public event Action? Restored;

    public string Name => _inner.Name;

    public bool IsAvailable => !IsOut && _inner.IsAvailable;

    /// <summary>Whether reading and publishing fail, and live messages get lost.</summary>
    public bool IsOut { get; private set; }

    /// <summary>Whether reads answer some milliseconds late.</summary>
    public bool IsSlow { get; set; }

    /// <summary>The topics whose live messages get lost. Replaced, never changed.</summary>
    public IReadOnlySet<string> Deaf { get; set; } = new HashSet<string>();

    public void Fail() => IsOut = true;

    public void Restore()
    {
        if (!IsOut)
            return;
        IsOut = false;
        Restored?.Invoke();
    }

    public Task SubscribeAsync(string topic, ITopicReceiver receiver, CancellationToken cancellationToken) =>
        _inner.SubscribeAsync(topic, new Receiver(this, topic, receiver), cancellationToken);

    public Task UnsubscribeAsync(string topic) => _inner.UnsubscribeAsync(topic);

    public Task<IReadOnlyList<PublishedEvent>> PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken)
    {
        Check();
        return _inner.PublishAsync(events, cancellationToken);
    }

    public async Task<HistoryPage> ReadHistoryAsync(string topic, long afterOffset, int maxCount, CancellationToken cancellationToken)
    {
        Check();
        return await LateAsync(await _inner.ReadHistoryAsync(topic, afterOffset, maxCount, cancellationToken));
    }

    public async Task<IReadOnlyList<EventPosition>> ReadHeadsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        Check();
        return await LateAsync(await _inner.ReadHeadsAsync(topics, cancellationToken));
    }

    private async Task<T> LateAsync<T>(T answer)
    {
        if (IsSlow)
            await Task.Delay(Random.Shared.Next(8));
        return answer;
    }

    private void Check()
    {
        if (IsOut)
            throw new SseUnavailableException("The backplane is out.") { RetryAfter = TimeSpan.FromMilliseconds(10) };
    }

    private sealed class Receiver(UnreliableBackplane backplane, string topic, ITopicReceiver inner) : ITopicReceiver
    {
        public void Receive(ReadOnlyMemory<byte> message)
        {
            if (!backplane.IsOut && !backplane.Deaf.Contains(topic))
                inner.Receive(message);
        }
    }
}
