using System.Threading.Channels;

namespace StackExchange.Redis;

public sealed partial class ChannelMessageQueue
{
    /// <summary>Keeps a message for later, or returns the handler that has come meanwhile.</summary>
    private Action<ChannelMessage>? Keep(in ChannelMessage message)
    {
        lock (_owner.QueueGate)
        {
            if (_direct is { } handler)
                return handler;

            Queue().Writer.TryWrite(message);
            return null;
        }
    }

    private Channel<ChannelMessage> Queue()
    {
        lock (_owner.QueueGate)
        {
            if (_queue is { } existing)
                return existing;

            var queue = System.Threading.Channels.Channel.CreateUnbounded<ChannelMessage>();
            if (_completed)
                queue.Writer.TryComplete();

            return _queue = queue;
        }
    }

    private void ThrowIfTaken()
    {
        if (_direct is not null || _pump is not null)
            throw new InvalidOperationException("Only a single handler can be registered");
    }

    /// <summary>Hands over what came before the handler; once nothing is left, the reader calls it without a queue.</summary>
    private void Drain(Action<ChannelMessage> handler)
    {
        while (true)
        {
            while (Queue().Reader.TryRead(out var message))
                Invoke(handler, message);

            lock (_owner.QueueGate)
            {
                if (Queue().Reader.Count > 0)
                    continue;

                _direct = handler;
                return;
            }
        }
    }

    private async Task PumpAsync(Channel<ChannelMessage> queue, Func<ChannelMessage, Task> handler)
    {
        await foreach (var message in queue.Reader.ReadAllAsync())
        {
            try
            {
                await handler(message);
            }
            catch (Exception e)
            {
                // A handler's error is its own; the messages behind it go on.
                _owner.OnInternalError(e, ConnectionType.Subscription, "message handler");
            }
        }
    }

    private void Invoke(Action<ChannelMessage> handler, in ChannelMessage message)
    {
        try
        {
            handler(message);
        }
        catch (Exception e)
        {
            // As above.
            _owner.OnInternalError(e, ConnectionType.Subscription, "message handler");
        }
    }
}
