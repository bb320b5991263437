using System.Diagnostics.CodeAnalysis;
using SseScaling.Backplane;

namespace SseScaling.Redis;

/// <summary>What one call wants of a topic: that a receiver gets its messages, or that none does. Thread-safe.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer whose wait handle is never asked for holds nothing to dispose.")]
internal sealed class TopicWish(ITopicReceiver? receiver)
{
    private readonly TaskCompletionSource _fulfilled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _superseded = new();

    /// <summary>Who gets the messages; null: nobody, and the topic is unsubscribed.</summary>
    public ITopicReceiver? Receiver => receiver;

    /// <summary>Completes when Redis is as this wants it; cancelled when a newer wish came before that.</summary>
    public Task Fulfilled => _fulfilled.Task;

    /// <summary>Cancelled when a newer wish has come, also if this one was fulfilled.</summary>
    public CancellationToken Superseded => _superseded.Token;

    public void Fulfil() => _fulfilled.TrySetResult();

    public void Fail(Exception failure) => _fulfilled.TrySetException(failure);

    /// <summary>Runs what waits for the cancellation: not under a lock.</summary>
    public void Supersede()
    {
        _fulfilled.TrySetCanceled();
        _superseded.Cancel();
    }
}
