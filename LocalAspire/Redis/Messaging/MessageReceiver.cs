using System.Collections.Concurrent;

namespace StackExchange.Redis;

/// <summary>
/// The subscribed channels, and the way of a message to them. SUBSCRIBE and UNSUBSCRIBE are written under one lock, so that
/// the server sees them in the order in which this table changed; messages are looked up without a lock and without a copy of the name.
/// </summary>
internal sealed partial class MessageReceiver(ConnectionMultiplexer owner)
{
    private readonly Lock _gate = new();

    // By kind: a pattern and a literal channel of the same name are two subscriptions.
    private readonly ConcurrentDictionary<byte[], Subscription>[] _tables =
    [
        new(ChannelName.Comparer), new(ChannelName.Comparer), new(ChannelName.Comparer),
    ];

    internal IEnumerable<RedisChannel> Channels => _tables.SelectMany(table => table.Values).Select(subscription => subscription.Channel);

    internal bool IsSubscribed(RedisChannel channel) => Table(channel).ContainsKey(channel.Bytes!);

    /// <summary>Adds a sink, which is an action or a queue, and completes when the server has subscribed the channel.</summary>
    internal Task AddAsync(RedisLink link, RedisChannel channel, object sink, CommandFlags flags)
    {
        var source = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            Table(channel).GetOrAdd(channel.Bytes!, static (_, name) => new Subscription(name), channel).Add(sink);

            // Also for a channel that is subscribed already: the server answers each, so each caller waits for its own answer.
            if (!link.TrySend(Subscribe(channel).Written, Replies.Ignored, source))
                source.SetException(link.NotConnected());
        }

        return Outcome(source.Task, flags);
    }

    /// <summary>Removes a sink, or all of them, and completes when the server has unsubscribed the channel if it was the last one.</summary>
    internal Task RemoveAsync(RedisLink link, RedisChannel channel, object? sink, CommandFlags flags)
    {
        var source = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!Table(channel).TryGetValue(channel.Bytes!, out var subscription))
                return Task.CompletedTask;

            subscription.Remove(sink);
            if (!subscription.IsEmpty)
                return Task.CompletedTask;

            Table(channel).TryRemove(channel.Bytes!, out _);
            if (!link.TrySend(Unsubscribe(channel).Written, Replies.Ignored, source))
                return Task.CompletedTask;
        }

        // If the link breaks now, the channel is unsubscribed as well: nobody subscribes it again.
        return Outcome(IgnoreBreakAsync(source.Task), flags);
    }

    /// <summary>Subscribes all channels on a new connection, lets it be used, and completes when the server has subscribed them.</summary>
    internal Task ResumeAsync(RedisConnection connection, Action use)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            foreach (var channel in Channels)
                connection.TrySend(Subscribe(channel).Written, Replies.Ignored, null);

            // Replies come in order, so this one stands behind all subscriptions.
            connection.TrySend(RespWriter.Command("PING"u8, 0).Written, Replies.Ignored, done);
            use();
        }

        return done.Task;
    }

    /// <summary>Ends all queues: the multiplexer closes.</summary>
    internal void Complete()
    {
        lock (_gate)
        {
            foreach (var subscription in _tables.SelectMany(table => table.Values))
                subscription.Remove(null);

            foreach (var table in _tables)
                table.Clear();
        }
    }

    private ConcurrentDictionary<byte[], Subscription> Table(RedisChannel channel) => _tables[(int)channel.Kind];

    private static Task Outcome(Task task, CommandFlags flags)
    {
        if (!flags.HasFlag(CommandFlags.FireAndForget))
            return task;

        _ = task.ContinueWith(static done => done.Exception, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    private static async Task IgnoreBreakAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (RedisConnectionException)
        {
            // The connection is gone and the subscription with it.
        }
    }

    private static RespWriter Subscribe(RedisChannel channel) => RespWriter.Command(
        channel.Kind switch
        {
            ChannelKind.Pattern => "PSUBSCRIBE"u8,
            ChannelKind.Sharded => "SSUBSCRIBE"u8,
            _ => "SUBSCRIBE"u8,
        },
        1).Add(channel.Bytes);

    private static RespWriter Unsubscribe(RedisChannel channel) => RespWriter.Command(
        channel.Kind switch
        {
            ChannelKind.Pattern => "PUNSUBSCRIBE"u8,
            ChannelKind.Sharded => "SUNSUBSCRIBE"u8,
            _ => "UNSUBSCRIBE"u8,
        },
        1).Add(channel.Bytes);
}
