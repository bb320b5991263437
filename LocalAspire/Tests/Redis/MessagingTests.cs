using System.Collections.Concurrent;
using System.Threading.Channels;
using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

public sealed class MessagingTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private readonly RedisChannel _channel = RedisChannel.Literal("channel:" + Guid.NewGuid().ToString("N"));
    private ConnectionMultiplexer _redis = null!;

    private ISubscriber Subscriber => _redis.GetSubscriber();

    public async ValueTask InitializeAsync() => _redis = await server.ConnectAsync();

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task A_handler_receives_100000_messages_in_order()
    {
        const int Count = 100_000;
        var received = new List<int>(Count);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (await Subscriber.SubscribeAsync(_channel)).OnMessage(message =>
        {
            received.Add((int)message.Message);
            if (received.Count == Count)
                done.SetResult();
        });

        await PublishAsync(Count);
        await done.Task.Soon();
        Assert.Equal(Enumerable.Range(0, Count), received);
    }

    [Fact]
    public async Task A_handler_that_returns_a_task_receives_in_order_one_at_a_time()
    {
        const int Count = 20_000;
        var received = new List<int>(Count);
        var running = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (await Subscriber.SubscribeAsync(_channel)).OnMessage(async message =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            if (received.Count % 100 == 0)
                await Task.Yield();

            received.Add((int)message.Message);
            Interlocked.Decrement(ref running);
            if (received.Count == Count)
                done.SetResult();
        });

        await PublishAsync(Count);
        await done.Task.Soon();
        Assert.Equal(Enumerable.Range(0, Count), received);
    }

    [Fact]
    public async Task A_handler_that_comes_late_gets_what_came_before_it_and_then_the_rest_in_order()
    {
        const int Count = 50_000;
        var queue = await Subscriber.SubscribeAsync(_channel);
        var publishing = PublishAsync(Count);
        await Wait.UntilAsync(() => queue.TryGetCount(out var waiting) && waiting > 100, "messages in the queue");

        var received = new List<int>(Count);
        queue.OnMessage(message => received.Add((int)message.Message));
        Assert.Throws<InvalidOperationException>(() => queue.OnMessage(_ => { }));
        await publishing;
        await Wait.UntilAsync(() => received.Count == Count, "all messages");
        Assert.Equal(Enumerable.Range(0, Count), received);
    }

    [Fact]
    public async Task Messages_can_be_read_one_by_one_until_the_channel_is_unsubscribed()
    {
        var queue = await Subscriber.SubscribeAsync(_channel);
        Assert.False(queue.TryRead(out _));
        Assert.Equal(1, await Subscriber.PublishAsync(_channel, "first"));
        var first = await queue.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("first", _channel, _channel), ((string?)first.Message, first.Channel, first.SubscriptionChannel));

        await Subscriber.PublishAsync(_channel, "second");
        await Wait.UntilAsync(() => queue.TryGetCount(out var waiting) && waiting == 1, "the second message");
        await queue.UnsubscribeAsync();
        Assert.Equal(0, await Subscriber.PublishAsync(_channel, "third"));
        Assert.True(queue.TryRead(out var second));
        Assert.Equal("second", second.Message);
        await queue.Completion.Soon();
        await Assert.ThrowsAsync<ChannelClosedException>(() => queue.ReadAsync(TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task Names_and_payloads_are_bytes()
    {
        var everything = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var channel = RedisChannel.Literal(everything);
        var large = new byte[1024 * 1024];
        Random.Shared.NextBytes(large);
        var received = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();
        (await Subscriber.SubscribeAsync(channel)).OnMessage(message => received.Writer.TryWrite(message.Message!));

        foreach (var payload in new[] { everything, [], large, "*3\r\n$7\r\nmessage\r\n"u8.ToArray() })
        {
            await Subscriber.PublishAsync(channel, payload);
            Assert.Equal(payload, await received.Reader.ReadAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_pattern_receives_from_all_channels_that_match()
    {
        var prefix = Guid.NewGuid().ToString("N");
        var pattern = RedisChannel.Pattern(prefix + ":*");
        var received = System.Threading.Channels.Channel.CreateUnbounded<ChannelMessage>();
        var queue = await Subscriber.SubscribeAsync(pattern);
        queue.OnMessage(message => received.Writer.TryWrite(message));

        Assert.Equal(1, await Subscriber.PublishAsync(RedisChannel.Literal(prefix + ":a"), "x"));
        var message = await received.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal((RedisChannel.Literal(prefix + ":a"), pattern), (message.Channel, message.SubscriptionChannel));
        await queue.UnsubscribeAsync();
        Assert.Equal(0, await Subscriber.PublishAsync(RedisChannel.Literal(prefix + ":a"), "x"));
    }

    [Fact]
    public async Task Several_listeners_share_a_channel_and_the_last_one_out_unsubscribes_it()
    {
        var first = new ConcurrentQueue<string?>();
        var second = new ConcurrentQueue<string?>();
        void Handler(RedisChannel channel, RedisValue message) => second.Enqueue(message);
        var queue = await Subscriber.SubscribeAsync(_channel);
        queue.OnMessage(message => first.Enqueue(message.Message));
        await Subscriber.SubscribeAsync(_channel, Handler);

        Assert.Equal(1, await Subscriber.PublishAsync(_channel, "both"));
        await Wait.UntilAsync(() => first.Count == 1 && second.Count == 1, "both messages");
        await queue.UnsubscribeAsync();
        Assert.True(Subscriber.IsConnected(_channel));
        await Subscriber.PublishAsync(_channel, "one");
        await Wait.UntilAsync(() => second.Count == 2, "the second message");
        await Subscriber.UnsubscribeAsync(_channel, Handler);
        Assert.False(Subscriber.IsConnected(_channel));
        Assert.True(Subscriber.IsConnected());
        Assert.Equal(0, await Subscriber.PublishAsync(_channel, "nobody"));
        Assert.Single(first);
    }

    [Fact]
    public async Task An_error_in_a_handler_is_reported_and_stops_nothing()
    {
        var errors = new ConcurrentQueue<Exception>();
        _redis.InternalError += (_, error) => errors.Enqueue(error.Exception);
        var received = 0;
        (await Subscriber.SubscribeAsync(_channel)).OnMessage(message =>
        {
            received++;
            throw new InvalidOperationException((string?)message.Message);
        });

        await Subscriber.PublishAsync(_channel, "a");
        await Subscriber.PublishAsync(_channel, "b");
        await Wait.UntilAsync(() => errors.Count == 2, "both errors");
        Assert.Equal((2, "a"), (received, errors.First().Message));
    }

    [Fact]
    public async Task Concurrent_subscribing_and_unsubscribing_leaves_the_channel_as_the_last_call_did()
    {
        for (var round = 0; round < 30; round++)
        {
            var queues = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Subscriber.SubscribeAsync(_channel))));
            var kept = queues[round % 8];
            await Task.WhenAll(queues.Where(queue => queue != kept).Select(queue => Task.Run(() => queue.UnsubscribeAsync())));

            Assert.Equal(1, await Subscriber.PublishAsync(_channel, round));
            Assert.Equal(round, (await kept.ReadAsync(TestContext.Current.CancellationToken)).Message);

            // The last one leaves and another one comes at the same time: the new one must receive.
            var leaving = Task.Run(() => kept.UnsubscribeAsync(), TestContext.Current.CancellationToken);
            var next = await Task.Run(() => Subscriber.SubscribeAsync(_channel), TestContext.Current.CancellationToken);
            await leaving;
            Assert.Equal(1, await Subscriber.PublishAsync(_channel, "next"));
            Assert.Equal("next", (await next.ReadAsync(TestContext.Current.CancellationToken)).Message);
            await next.UnsubscribeAsync();
            Assert.Equal(0, await Subscriber.PublishAsync(_channel, "nobody"));
        }
    }

    [Fact]
    public async Task Ten_thousand_channels_are_subscribed_at_once_and_dropped_at_once()
    {
        var received = 0;
        var queues = await Task.WhenAll(Enumerable.Range(0, 10_000).Select(async i =>
        {
            var queue = await Subscriber.SubscribeAsync(RedisChannel.Literal($"many:{i}"));
            queue.OnMessage(_ => Interlocked.Increment(ref received));
            return queue;
        }));

        await Task.WhenAll(queues.Select(queue => Subscriber.PublishAsync(queue.Channel, "x")));
        await Wait.UntilAsync(() => received == queues.Length, "a message on each channel");
        await Subscriber.UnsubscribeAllAsync();
        Assert.Equal(0, (int)await _redis.GetDatabase().ExecuteAsync("PUBLISH", "many:1", "x"));
    }

    [Fact]
    public async Task A_ping_travels_on_the_subscription_connection()
    {
        Assert.True(await Subscriber.PingAsync() > TimeSpan.Zero);
        await Subscriber.SubscribeAsync(_channel);
        Assert.True(await Subscriber.PingAsync() > TimeSpan.Zero);
        var kill = await _redis.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        Assert.Equal(1, (int)kill);
        await Wait.UntilAsync(() => !Subscriber.IsConnected(), "the end of the connection");
        Assert.True(await Subscriber.PingAsync() > TimeSpan.Zero);
    }

    private async Task PublishAsync(int count)
    {
        var database = _redis.GetDatabase();
        foreach (var block in Enumerable.Range(0, count).Chunk(1000))
            await Task.WhenAll(block.Select(i => database.PublishAsync(_channel, i)));
    }
}
