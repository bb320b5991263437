using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Tests.Backplane;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Redis;

/// <summary>What becomes of subscriptions while the link to Redis comes and goes; each test has a server of its own.</summary>
public sealed class RedisSubscriptionTests
{
    // Quicker than the defaults, so that the tests wait less; not so quick that a busy machine looks like a fault.
    private static readonly (string, string)[] QuickWatchdog = [("Redis:WatchdogInterval", "00:00:00.100"), ("Redis:Timeout", "00:00:01")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wishes_that_change_while_the_link_comes_and_goes_end_as_the_last_call_said()
    {
        var topics = Enumerable.Range(0, 40).Select(_ => Drafts.NewTopic()).ToList();
        await using var redis = await RedisServer.StartNewAsync();
        await using var link = new TcpLink(redis.Port);
        await using var direct = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        await using var host = await (await BackplaneHost.StartAsync(link.ConnectionString, QuickWatchdog)).ReadyAsync();
        using var gauge = new SubscriptionGauge(host);
        var restored = host.CountRestored();
        using var enough = new CancellationTokenSource();

        // Each topic's calls overlap, as nobody waits for them, and end subscribed or not.
        var wishing = topics.Select((_, i) => Task.Run(() => WishAsync(host, topics[i], new Random(i), endsSubscribed: i % 2 == 0, enough.Token), Cancellation)).ToList();
        for (var round = 0; round < 8; round++)
        {
            var before = restored();
            if (round == 4)
                link.BlackHole();
            else
                link.Drop();
            await Eventually.TrueAsync(() => restored() > before, "restored");
        }

        await enough.CancelAsync();
        var receivers = await Task.WhenAll(wishing).WaitAsync(Eventually.Deadline, Cancellation);
        await Eventually.TrueAsync(() => host.Backplane.IsAvailable, "the backplane is available");
        await direct.PublishAsync([.. topics.Select(topic => Drafts.Draft(topic, "42"))]);

        for (var i = 0; i < topics.Count; i++)
        {
            if (i % 2 == 0)
                Assert.Equal(42, (await receivers[i][^1].NextAsync()).Number());
            Assert.All(receivers[i], receiver => Assert.Equal(0, receiver.Waiting));
            var count = i % 2 == 0 ? 1 : 0;
            await Eventually.TrueAsync(async () => await redis.CliAsync("PUBSUB", "NUMSUB", topics[i]) == $"{topics[i]}\n{count}", $"{topics[i]} has {count} subscriptions");
        }

        Assert.Equal(topics.Count / 2, gauge.Value);
    }

    [Fact]
    public async Task A_half_open_link_is_replaced_and_every_topic_moves_to_the_new_connection()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var link = new TcpLink(redis.Port);
        await using var direct = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        await using var host = await (await BackplaneHost.StartAsync(link.ConnectionString, QuickWatchdog)).ReadyAsync();
        var restored = host.CountRestored();
        var topics = Enumerable.Range(0, 300).Select(_ => Drafts.NewTopic()).ToList();
        var receivers = await Task.WhenAll(topics.Select(host.SubscribeAsync));

        link.BlackHole();
        await direct.PublishAsync([.. topics.Select(topic => Drafts.Draft(topic, "1"))]);
        await Eventually.TrueAsync(() => restored() > 0, "restored");
        await direct.PublishAsync([.. topics.Select(topic => Drafts.Draft(topic, "2"))]);

        foreach (var (topic, receiver) in topics.Zip(receivers))
        {
            Assert.Equal(2, (await receiver.NextAsync()).Number());
            Assert.Equal(0, receiver.Waiting);
            Assert.Equal([1, 2], (await host.ReadAsync(topic)).Envelopes().Select(Drafts.Number));
        }
        Assert.Equal(1, host.Log.Count("opened a new connection"));
    }

    [Fact]
    public async Task Subscribes_that_wait_for_redis_end_when_they_are_unsubscribed_or_cancelled()
    {
        await using var host = await BackplaneHost.StartAsync($"127.0.0.1:{RedisServer.FreePort()}");
        using var cancellation = new CancellationTokenSource();
        var (first, second, third) = (Drafts.NewTopic(), Drafts.NewTopic(), Drafts.NewTopic());
        var unsubscribed = host.Backplane.SubscribeAsync(first, new CollectingReceiver(), Cancellation);
        var cancelled = host.Backplane.SubscribeAsync(second, new CollectingReceiver(), cancellation.Token);
        var replaced = host.Backplane.SubscribeAsync(third, new CollectingReceiver(), Cancellation);

        await host.Backplane.UnsubscribeAsync(first).WaitAsync(Eventually.Deadline, Cancellation);
        await cancellation.CancelAsync();
        var replacement = host.Backplane.SubscribeAsync(third, new CollectingReceiver(), Cancellation);

        foreach (var ended in new[] { unsubscribed, cancelled, replaced })
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended.WaitAsync(Eventually.Deadline, Cancellation));
        Assert.False(replacement.IsCompleted);
        await host.Backplane.UnsubscribeAsync(third);
    }

    [Fact]
    public async Task Redis_has_one_subscription_for_each_topic_and_none_after_the_last_unsubscribe()
    {
        var topic = Drafts.NewTopic();
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        await host.SubscribeAsync(topic);
        await host.SubscribeAsync(topic);
        Assert.Equal($"{topic}\n1", await redis.CliAsync("PUBSUB", "NUMSUB", topic));

        await host.Backplane.UnsubscribeAsync(topic);

        await Eventually.TrueAsync(async () => await redis.CliAsync("PUBSUB", "NUMSUB", topic) == $"{topic}\n0", "the channel is unsubscribed");
    }

    private static async Task<List<CollectingReceiver>> WishAsync(BackplaneHost host, string topic, Random random, bool endsSubscribed, CancellationToken enough)
    {
        var receivers = new List<CollectingReceiver>();
        var pending = new List<Task>();
        while (!enough.IsCancellationRequested)
        {
            pending.Add(random.Next(3) == 0 ? host.Backplane.UnsubscribeAsync(topic) : Subscribe());
            await Task.WhenAny(pending[^1], Task.Delay(random.Next(5), Cancellation));
        }

        pending.Add(endsSubscribed ? Subscribe() : host.Backplane.UnsubscribeAsync(topic));
        await pending[^1];
        await Task.WhenAll(pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.All(pending, call => Assert.False(call.IsFaulted));
        return receivers;

        Task Subscribe()
        {
            receivers.Add(new CollectingReceiver());
            return host.Backplane.SubscribeAsync(topic, receivers[^1], Cancellation);
        }
    }

    /// <summary>sse.redis.subscriptions of one host.</summary>
    private sealed class SubscriptionGauge : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _value;

        public SubscriptionGauge(BackplaneHost host)
        {
            var meters = host.Services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "sse.redis.subscriptions" && ReferenceEquals(instrument.Meter.Scope, meters))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref _value, change));
            _listener.Start();
        }

        public long Value => Interlocked.Read(ref _value);

        public void Dispose() => _listener.Dispose();
    }
}
