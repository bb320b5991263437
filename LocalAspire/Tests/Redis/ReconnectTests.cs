using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

/// <summary>Each test has a server of its own, since it is killed or stopped.</summary>
public sealed class ReconnectTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _events = new();
    private RedisServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartNewAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_thousand_channels_live_again_within_two_seconds_of_a_restart()
    {
        await using var redis = await ConnectAsync();
        await using var other = await ConnectAsync(_server, new ConcurrentQueue<string>());
        var received = new ConcurrentDictionary<int, string?>();
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            var queue = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal($"topic:{i}"));
            queue.OnMessage(message => received[i] = message.Message);
        }));

        for (var round = 1; round <= 2; round++)
        {
            await _server.KillAsync();
            await Wait.UntilAsync(() => _events.Count == round * 4 - 2, "both failures");
            await _server.StartAsync();
            var clock = Stopwatch.StartNew();
            await Wait.UntilAsync(() => _events.Count == round * 4, "both restores", TimeSpan.FromSeconds(2));
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2));
            await Wait.UntilAsync(() => other.IsConnected, "the publisher's connection");

            // Restored is raised after all channels are subscribed, so every message must find its subscriber now.
            var publish = Enumerable.Range(0, 1000).Select(i => other.GetDatabase().PublishAsync(RedisChannel.Literal($"topic:{i}"), $"{round}"));
            Assert.All(await Task.WhenAll(publish), receivers => Assert.Equal(1, receivers));
            await Wait.UntilAsync(() => received.Count(pair => pair.Value == $"{round}") == 1000, "a message on each channel");
        }

        string[] once = ["failed Interactive", "failed Subscription", "restored Interactive", "restored Subscription"];
        Assert.Equal([.. once, .. once], _events.Chunk(4).SelectMany(chunk => chunk.Order()));
    }

    [Fact]
    public async Task With_fail_fast_a_command_fails_at_once_while_there_is_no_connection()
    {
        await using var redis = await ConnectAsync(options => options.BacklogPolicy = BacklogPolicy.FailFast);
        await _server.KillAsync();
        await Wait.UntilAsync(() => !redis.IsConnected, "the end of the connection");

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 100; i++)
            await Assert.ThrowsAsync<RedisConnectionException>(() => redis.GetDatabase().StringGetAsync("a"));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"100 failures took {clock.Elapsed}");
    }

    [Fact]
    public async Task By_default_commands_wait_for_a_connection_and_keep_their_order()
    {
        await using var redis = await ConnectAsync();
        await _server.KillAsync();
        await Wait.UntilAsync(() => !redis.IsConnected, "the end of the connection");
        var waiting = Enumerable.Range(0, 100).Select(_ => redis.GetDatabase().StringIncrementAsync("n")).ToArray();
        var script = redis.GetDatabase().ScriptEvaluateAsync("return 'also later'");

        await _server.StartAsync();
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), await Task.WhenAll(waiting));
        Assert.Equal("also later", (string?)await script);
    }

    [Fact]
    public async Task Waiting_for_a_connection_ends_with_the_time_out()
    {
        await using var redis = await ConnectAsync(options => options.AsyncTimeout = 300);
        await _server.KillAsync();
        await Wait.UntilAsync(() => !redis.IsConnected, "the end of the connection");

        var timeout = await Assert.ThrowsAsync<RedisTimeoutException>(() => redis.GetDatabase().PingAsync());
        Assert.Equal(CommandStatus.WaitingInBacklog, timeout.Commandstatus);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_causes_time_outs_and_late_replies_are_dropped()
    {
        await using var redis = await ConnectAsync(options => options.AsyncTimeout = 300);
        var database = redis.GetDatabase();
        await _server.PauseAsync();
        var timeouts = Enumerable.Range(0, 20).Select(i => Assert.ThrowsAsync<RedisTimeoutException>(() => database.ExecuteAsync("ECHO", $"late {i}"))).ToArray();
        Assert.All(await Task.WhenAll(timeouts), timeout => Assert.Equal(CommandStatus.Sent, timeout.Commandstatus));

        await _server.ContinueAsync();
        for (var i = 0; i < 20; i++)
            Assert.Equal($"new {i}", (string?)await database.ExecuteAsync("ECHO", $"new {i}"));

        Assert.Empty(_events);
    }

    [Fact]
    public async Task A_dead_link_is_given_up_after_four_time_outs_of_silence()
    {
        await using var redis = await ConnectAsync(options =>
        {
            options.AsyncTimeout = 200;
            options.ConnectTimeout = 500;
        });
        await _server.PauseAsync();
        await Assert.ThrowsAsync<RedisTimeoutException>(() => redis.GetSubscriber().PingAsync());
        await Wait.UntilAsync(() => _events.Contains("failed Subscription"), "the failure");

        await _server.ContinueAsync();
        await Wait.UntilAsync(() => _events.Contains("restored Subscription"), "the restore");
        Assert.True(await redis.GetSubscriber().PingAsync() > TimeSpan.Zero);
    }

    [Fact]
    public async Task Subscribing_while_down_throws_and_the_subscription_goes_live_later()
    {
        await using var redis = await ConnectAsync();
        await _server.KillAsync();
        await Wait.UntilAsync(() => _events.Count == 2, "both failures");
        var received = new TaskCompletionSource<string?>();
        var channel = RedisChannel.Literal("later");
        await Assert.ThrowsAsync<RedisConnectionException>(() => redis.GetSubscriber().SubscribeAsync(channel, (_, message) => received.TrySetResult(message)));
        await Assert.ThrowsAsync<RedisConnectionException>(() => redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("given up")));
        await redis.GetSubscriber().UnsubscribeAsync(RedisChannel.Literal("given up"));

        await _server.StartAsync();
        await Wait.UntilAsync(() => _events.Count == 4, "both restores");
        Assert.Equal(1, await redis.GetSubscriber().PublishAsync(channel, "hello"));
        Assert.Equal("hello", await received.Task.Soon());
        Assert.Equal(0, await redis.GetSubscriber().PublishAsync(RedisChannel.Literal("given up"), "hello"));
    }

    [Fact]
    public async Task Without_a_server_connecting_goes_on_in_the_background_if_asked_to()
    {
        await _server.KillAsync();
        await using var redis = await ConnectAsync();
        Assert.False(redis.IsConnected);
        Assert.True(redis.IsConnecting);

        await _server.StartAsync();
        await Wait.UntilAsync(() => redis is { IsConnected: true, IsConnecting: false }, "both connections");
        Assert.True(await redis.GetDatabase().PingAsync() > TimeSpan.Zero);
    }

    [Fact]
    public async Task Without_a_server_connecting_throws_if_asked_to()
    {
        await _server.KillAsync();
        var failure = await Assert.ThrowsAsync<RedisConnectionException>(() => _server.ConnectAsync("connectRetry=1"));
        Assert.Equal(ConnectionFailureType.UnableToConnect, failure.FailureType);
        Assert.StartsWith("It was not possible to connect to the redis server(s).", failure.Message, StringComparison.Ordinal);
        Assert.Throws<RedisConnectionException>(() => ConnectionMultiplexer.Connect($"{_server.ConnectionString},connectRetry=1"));
    }

    [Fact]
    public async Task Commands_whose_reply_is_due_fail_when_the_connection_breaks()
    {
        await using var redis = await ConnectAsync();
        await _server.PauseAsync();
        var pending = Enumerable.Range(0, 100).Select(_ => redis.GetDatabase().StringGetAsync("a")).ToArray();
        await _server.KillAsync();

        foreach (var command in pending)
            await Assert.ThrowsAsync<RedisConnectionException>(() => command.Soon());
    }

    [Fact]
    public async Task Disposing_while_busy_ends_every_command_and_later_ones()
    {
        var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        var queue = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("busy"));
        var reading = queue.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        var workers = Enumerable.Range(0, 16).Select(i => KeepSettingAsync(database, i)).ToArray();
        while (!(await database.StringGetAsync("busy:15")).HasValue)
            await Task.Yield();


        await redis.DisposeAsync().AsTask().Soon();
        foreach (var worker in workers)
        {
            var error = await Assert.ThrowsAnyAsync<Exception>(() => worker.Soon());
            Assert.True(error is ObjectDisposedException or RedisConnectionException, error.ToString());
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.PingAsync());
        await Assert.ThrowsAsync<System.Threading.Channels.ChannelClosedException>(() => reading.Soon());
        Assert.Empty(_events);
        redis.Dispose();
    }

    [Fact]
    public async Task Closing_waits_for_the_replies_that_are_due()
    {
        var redis = await ConnectAsync();
        var commands = Enumerable.Range(0, 1000).Select(_ => redis.GetDatabase().StringIncrementAsync("n")).ToArray();
        await redis.CloseAsync();

        Assert.All(commands, command => Assert.True(command.IsCompletedSuccessfully));
        Assert.Equal(1000, await commands[^1]);
    }

    private static async Task KeepSettingAsync(IDatabase database, int i)
    {
        while (true)
            await database.StringSetAsync($"busy:{i}", i);
    }

    private Task<ConnectionMultiplexer> ConnectAsync(Action<ConfigurationOptions>? configure = null) =>
        ConnectAsync(_server, _events, configure);

    internal static async Task<ConnectionMultiplexer> ConnectAsync(
        RedisServer server, ConcurrentQueue<string> events, Action<ConfigurationOptions>? configure = null)
    {
        var options = ConfigurationOptions.Parse($"{server.ConnectionString},abortConnect=false");
        options.ReconnectRetryPolicy = new LinearRetry(1000);
        configure?.Invoke(options);
        var redis = await ConnectionMultiplexer.ConnectAsync(options);
        redis.ConnectionFailed += (_, failed) => events.Enqueue($"failed {failed.ConnectionType}");
        redis.ConnectionRestored += (_, restored) => events.Enqueue($"restored {restored.ConnectionType}");
        return redis;
    }
}
