using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SseScaling.Protocol;
using SseScaling.Redis;
using SseScaling.Tests.Backplane;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Redis;

/// <summary>What a replica does when Redis or the link to it fails; each test has a server of its own.</summary>
public sealed class RedisFaultTests
{
    // Quicker than the defaults, so that the tests wait less; not so quick that a busy machine looks like a fault.
    private static readonly (string, string)[] QuickWatchdog = [("Redis:WatchdogInterval", "00:00:00.100"), ("Redis:Timeout", "00:00:01")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_topics_are_live_again_after_redis_was_killed_and_restarted()
    {
        await using var redis = await RedisServer.StartNewAsync(appendOnly: true);
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        var restored = host.CountRestored();
        var topics = Enumerable.Range(0, 1_000).Select(_ => Drafts.NewTopic()).ToList();
        var receivers = await Task.WhenAll(topics.Select(host.SubscribeAsync));
        await host.PublishAsync([.. topics.Select(topic => Drafts.Draft(topic, "1"))]);
        // Live messages are at most once: what Redis has accepted and not sent yet dies with it.
        foreach (var receiver in receivers)
            Assert.Equal([1], (await receiver.TakeAsync(1)).Select(Drafts.Number));

        await redis.KillAsync();
        await Eventually.TrueAsync(() => !host.Backplane.IsAvailable, "the outage is noticed");
        await redis.StartAsync();
        await Eventually.TrueAsync(() => restored() > 0, "restored");
        var published = await host.PublishAsync([.. topics.Select(topic => Drafts.Draft(topic, "2"))]);

        Assert.All(published, result => Assert.Equal(2, result.Position.Offset));
        foreach (var receiver in receivers)
            Assert.Equal([2], (await receiver.TakeAsync(1)).Select(Drafts.Number));
        Assert.Equal(1, host.Log.Count("is not reachable"));
        Assert.Equal(1, host.Log.Count("is reachable after"));
    }

    [Fact]
    public async Task A_redis_that_comes_back_empty_is_a_new_epoch()
    {
        var topic = Drafts.NewTopic();
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        var restored = host.CountRestored();
        var receiver = await host.SubscribeAsync(topic);
        var first = await host.PublishAsync(Drafts.Numbered(topic, 3));

        await redis.KillAsync();
        await redis.StartAsync();
        await Eventually.TrueAsync(() => restored() > 0, "restored");
        var second = await host.PublishAsync(Drafts.Draft(topic, "4"));

        Assert.NotEqual(first[0].Position.Epoch, second[0].Position.Epoch);
        Assert.Equal(1, second[0].Position.Offset);
        Assert.Equal(second[0].Position, (await receiver.TakeUntilAsync(envelope => envelope.Number() == 4))[^1].Position);
    }

    [Fact]
    public async Task A_flushed_redis_is_a_new_epoch_and_old_entries_do_not_survive_their_position()
    {
        var topic = Drafts.NewTopic();
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        var epochs = new HashSet<ulong>();

        for (var round = 0; round < 3; round++)
        {
            await host.PublishAsync(Drafts.Numbered(topic, 5));
            epochs.Add((await host.HeadAsync(topic)).Epoch);
            await redis.CliAsync(round == 0 ? ["DEL", RedisKeys.Head(topic).ToString()] : ["FLUSHALL"]);
            await host.PublishAsync(Drafts.Draft(topic, "99"));
            var page = await host.ReadAsync(topic);
            Assert.Equal([99], page.Envelopes().Select(Drafts.Number));
            Assert.Equal(1, page.First);
            epochs.Add(page.Head.Epoch);
        }

        Assert.Equal(4, epochs.Count);
    }

    [Fact]
    public async Task Publishing_and_reading_without_redis_fail_at_once_and_say_so()
    {
        var topic = Drafts.NewTopic();
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        await redis.KillAsync();
        await Eventually.TrueAsync(() => !host.Backplane.IsAvailable, "the outage is noticed");
        var started = TimeProvider.System.GetTimestamp();

        for (var attempt = 0; attempt < 20; attempt++)
        {
            await Assert.ThrowsAsync<SseUnavailableException>(() => host.PublishAsync(Drafts.Draft(topic)));
            await Assert.ThrowsAsync<SseUnavailableException>(() => host.ReadAsync(topic));
            await Assert.ThrowsAsync<SseUnavailableException>(() => host.HeadAsync(topic));
        }

        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(8), "Calls without Redis waited for their time-out of 10 s.");
        await host.Backplane.UnsubscribeAsync(topic).WaitAsync(Eventually.Deadline, Cancellation);
    }

    [Fact]
    public async Task A_frozen_redis_is_noticed_and_served_again_once_it_thaws()
    {
        var topic = Drafts.NewTopic();
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString, QuickWatchdog)).ReadyAsync();
        var restored = host.CountRestored();
        var receiver = await host.SubscribeAsync(topic);

        await redis.FreezeAsync();
        await Eventually.TrueAsync(() => !host.Backplane.IsAvailable, "the freeze is noticed");
        await Assert.ThrowsAsync<SseUnavailableException>(() => host.PublishAsync(Drafts.Draft(topic, "1")));
        await redis.ThawAsync();
        await Eventually.TrueAsync(() => restored() > 0, "restored");

        await Eventually.TrueAsync(() => PublishesAsync(host, Drafts.Draft(topic, "2", key: "second")), "publishing works");
        await receiver.TakeUntilAsync(envelope => envelope.Number() == 2);
    }

    [Fact]
    public async Task After_a_dropped_connection_each_event_arrives_or_a_restore_is_reported_behind_it()
    {
        var topic = Drafts.NewTopic();
        await using var redis = await RedisServer.StartNewAsync();
        await using var link = new TcpLink(redis.Port);
        await using var host = await (await BackplaneHost.StartAsync(link.ConnectionString)).ReadyAsync();
        var restored = host.CountRestored();
        var receiver = await host.SubscribeAsync(topic);

        for (var round = 0; round < 5; round++)
        {
            link.Drop();
            var draft = Drafts.Draft(topic, $"{round}", key: $"{round}");
            var before = 0;
            await Eventually.TrueAsync(() => { before = restored(); return PublishesAsync(host, draft); }, "publishing works");
            await Eventually.TrueAsync(() => receiver.Waiting > 0 || restored() > before, "the event arrives or may be looked for");
            await receiver.TakeAsync(receiver.Waiting);
        }

        Assert.True(restored() > 0);
        await Eventually.TrueAsync(() => host.Backplane.IsAvailable, "the backplane is available");
        Assert.Equal(Enumerable.Range(0, 5), (await host.ReadAsync(topic)).Envelopes().Select(Drafts.Number));
        await Eventually.TrueAsync(async () => { await host.PublishAsync(Drafts.Draft(topic)); return receiver.Waiting > 0; }, "events arrive again");
    }

    [Fact]
    public async Task A_replica_starts_without_redis_and_serves_as_soon_as_it_is_there()
    {
        var topic = Drafts.NewTopic();
        await using var redis = new RedisServer();
        await using var host = await BackplaneHost.StartAsync(redis.ConnectionString);
        var receiver = new CollectingReceiver();
        var subscribing = host.Backplane.SubscribeAsync(topic, receiver, Cancellation);
        await Eventually.TrueAsync(() => host.Log.Count("is not reachable") == 1, "the outage is said");
        Assert.False(host.Backplane.IsAvailable);
        Assert.Equal(HealthStatus.Unhealthy, (await HealthAsync(host)).Status);
        await Assert.ThrowsAsync<SseUnavailableException>(() => host.PublishAsync(Drafts.Draft(topic)));

        await redis.StartAsync();
        await subscribing.WaitAsync(Eventually.Deadline, Cancellation);
        await Eventually.TrueAsync(() => host.Backplane.IsAvailable, "the backplane is available");
        await host.PublishAsync(Drafts.Draft(topic, "1"));

        Assert.Equal(1, (await receiver.NextAsync()).Number());
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(host)).Status);
        Assert.Equal(1, host.Log.Count("is not reachable"));
        Assert.Equal(1, host.Log.Count("is reachable after"));
    }

    [Fact]
    public async Task Events_of_one_call_stay_in_order_when_the_server_forgot_the_script()
    {
        var topic = Drafts.NewTopic();
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        await using var other = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        var receiver = await host.SubscribeAsync(topic);

        for (var round = 0; round < 20; round++)
        {
            await redis.CliAsync("SCRIPT", "FLUSH");
            await Task.WhenAll(host.PublishAsync(Drafts.Numbered(topic, 50)), other.PublishAsync(Drafts.Draft(Drafts.NewTopic())));
            Assert.Equal(Enumerable.Range(1, 50), (await receiver.TakeAsync(50)).Select(Drafts.Number));
        }
        await redis.CliAsync("SCRIPT", "FLUSH");
        await host.PublishAsync(Drafts.Draft(topic, "1"));
        Assert.Single((await host.ReadAsync(topic, after: 1_000)).Events);
    }

    [Fact]
    public async Task A_plain_publish_of_any_client_arrives_as_it_is()
    {
        var topic = Drafts.NewTopic("notifications:");
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        var receiver = await host.SubscribeAsync(topic);

        Assert.Equal("1", await redis.CliAsync("PUBLISH", topic, """{"type":"like","userId":1}"""));

        var envelope = await receiver.NextAsync();
        Assert.Equal("""{"type":"like","userId":1}""", envelope.Text());
        Assert.False(envelope.IsDurable);
        Assert.Equal(EventPosition.None, await host.HeadAsync(topic));
    }

    [Fact]
    public async Task What_is_kept_expires()
    {
        var topic = Drafts.NewTopic();
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();

        await host.PublishAsync(Drafts.Draft(topic, key: "k"));

        // Those of the link's own probe beside them.
        Assert.Equal(3, (await redis.CliAsync("KEYS", "*")).Split('\n').Count(key => !key.Contains("sse:probe", StringComparison.Ordinal)));
        foreach (var (key, seconds) in new[] { (RedisKeys.Stream(topic), 3_600), (RedisKeys.Head(topic), 86_400), (RedisKeys.IdempotencyKey(topic, "k"), 300) })
            Assert.InRange(int.Parse(await redis.CliAsync("TTL", key.ToString()), CultureInfo.InvariantCulture), seconds - 60, seconds);
    }

    private static Task<HealthReport> HealthAsync(BackplaneHost host) =>
        host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);

    private static async Task<bool> PublishesAsync(BackplaneHost host, SseEvent draft)
    {
        try
        {
            await host.PublishAsync(draft);
            return true;
        }
        catch (SseUnavailableException)
        {
            return false;
        }
    }
}
