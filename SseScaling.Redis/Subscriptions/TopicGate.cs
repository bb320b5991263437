using System.Diagnostics.CodeAnalysis;

namespace SseScaling.Redis;

/// <summary>
/// What one topic's subscription shall be and what it is, and whose turn it is to change that. Lives in the dictionary while someone
/// uses it or a subscription is open.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose.")]
internal sealed class TopicGate(string topic)
{
    private readonly Lock _state = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TopicSubscription? _wanted;
    private int _users;
    private bool _removed;

    public string Topic { get; } = topic;

    /// <summary>What is subscribed in Redis; changed only by the holder of the turn.</summary>
    public TopicSubscription? Open { get; set; }

    /// <summary>Keeps the gate alive until <see cref="Return"/>; false when it is being removed: take a new one.</summary>
    public bool TryRent()
    {
        lock (_state)
        {
            if (_removed)
                return false;
            _users++;
            return true;
        }
    }

    /// <summary>Undoes one <see cref="TryRent"/>; true when nobody needs the gate any more and it must leave the dictionary.</summary>
    public bool Return()
    {
        lock (_state)
            return _removed = --_users == 0 && Open is null && _wanted is null;
    }

    /// <summary>Decides at once what the topic shall be, before anything waits; ends what it was.</summary>
    public void Want(TopicSubscription? subscription)
    {
        TopicSubscription? earlier;
        lock (_state)
            (earlier, _wanted) = (_wanted, subscription);
        earlier?.End();
    }

    /// <summary>Gives up a subscription that could not be made, unless another one is wanted by now.</summary>
    public void Abandon(TopicSubscription subscription)
    {
        lock (_state)
        {
            if (ReferenceEquals(_wanted, subscription))
                _wanted = null;
        }
        subscription.End();
    }

    /// <summary>Whether what is open is what is wanted.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_state)
                return ReferenceEquals(_wanted, Open);
        }
    }

    public Task EnterAsync(CancellationToken cancellationToken) => _turn.WaitAsync(cancellationToken);

    public bool TryEnter() => _turn.Wait(0, CancellationToken.None);

    public void Exit() => _turn.Release();
}
