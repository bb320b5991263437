using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace StackExchange.Redis;

/// <summary>
/// The messages of one subscription, in order. Either read them, or give them to one handler.
/// <para>A handler that is an <see cref="Action{T}"/> runs on the connection's reader, with nothing in between: it must not block,
/// since all channels wait for it (the true client hands each message to the thread pool). A handler that returns a task, and
/// readers, take from an unbounded queue that exists only from its first use on.</para>
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "The API of StackExchange.Redis.")]
public sealed partial class ChannelMessageQueue : IAsyncEnumerable<ChannelMessage>
{
    private readonly ConnectionMultiplexer _owner;

    // Null until it is known how the messages are taken, then the handler for the reader to call.
    private volatile Action<ChannelMessage>? _direct;
    private volatile Channel<ChannelMessage>? _queue;
    private volatile bool _completed;
    private Task? _pump;

    internal ChannelMessageQueue(RedisChannel channel, ConnectionMultiplexer owner)
    {
        Channel = channel;
        _owner = owner;
    }

    /// <summary>The subscribed channel or pattern.</summary>
    public RedisChannel Channel { get; }

    /// <summary>Completes when the channel is unsubscribed and all messages are taken.</summary>
    public Task Completion => Queue().Reader.Completion;

    /// <summary>Waits for the next message.</summary>
    /// <exception cref="ChannelClosedException">The channel is unsubscribed and all messages are taken.</exception>
    public ValueTask<ChannelMessage> ReadAsync(CancellationToken cancellationToken = default) =>
        Queue().Reader.ReadAsync(cancellationToken);

    /// <summary>Takes the next message if there is one.</summary>
    public bool TryRead(out ChannelMessage item) => Queue().Reader.TryRead(out item);

    /// <summary>How many messages wait.</summary>
    public bool TryGetCount(out int count)
    {
        count = _queue?.Reader.Count ?? 0;
        return true;
    }

    /// <summary>Gives the messages to a handler, one after the other. It runs on the connection's reader and must not block.</summary>
    /// <exception cref="InvalidOperationException">There is a handler already.</exception>
    public void OnMessage(Action<ChannelMessage> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_owner.QueueGate)
        {
            ThrowIfTaken();
            if (_queue is null && !_completed)
            {
                _direct = handler;
                return;
            }

            _pump = Task.Run(() => Drain(handler));
        }
    }

    /// <summary>Gives the messages to a handler, and waits for its task before the next one.</summary>
    /// <exception cref="InvalidOperationException">There is a handler already.</exception>
    public void OnMessage(Func<ChannelMessage, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_owner.QueueGate)
        {
            ThrowIfTaken();
            var queue = Queue();
            _pump = Task.Run(() => PumpAsync(queue, handler));
        }
    }

    /// <summary>Stops the messages; those that have arrived can still be read.</summary>
    public Task UnsubscribeAsync(CommandFlags flags = CommandFlags.None) =>
        _owner.Receiver.RemoveAsync(_owner.Subscriptions, Channel, this, flags);

    /// <inheritdoc/>
    public IAsyncEnumerator<ChannelMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        Queue().Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>Called by the connection's reader only.</summary>
    internal void Receive(in ChannelMessage message)
    {
        if ((_direct ?? Keep(message)) is { } handler)
            Invoke(handler, message);
    }

    internal void Complete()
    {
        lock (_owner.QueueGate)
        {
            _completed = true;
            _queue?.Writer.TryComplete();
        }
    }
}
