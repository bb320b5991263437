using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SseScaling.Backplane;
using SseScaling.Redis;
using SseScaling.Tests.Backplane;
using SseScaling.Tests.Testing;
using StackExchange.Redis;
using Xunit;

namespace SseScaling.Tests.Redis;

/// <summary>The ways in which an application names its Redis, and what each of them does with a mistake.</summary>
public sealed class RedisRegistrationTests(RedisServer redis) : IClassFixture<RedisServer>
{
    // Quicker than the defaults, so that the tests wait less; not so quick that a busy machine looks like a fault.
    private static readonly (string, string?)[] QuickWatchdog = [("Sse:Redis:WatchdogInterval", "00:00:00.100"), ("Sse:Redis:Timeout", "00:00:01")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Options_serve_and_stay_as_they_are()
    {
        var options = ConfigurationOptions.Parse(redis.ConnectionString);
        options.ClientName = "a-name-of-its-own";
        await using var host = await (await BackplaneHost.StartWithAsync(sse => sse.AddRedis(options))).ReadyAsync();

        await AssertEventsFlowAsync(host);

        Assert.Contains("name=a-name-of-its-own", await redis.CliAsync("CLIENT", "LIST"), StringComparison.Ordinal);
        Assert.Null(options.Protocol);
        Assert.True(options.AbortOnConnectFail);
    }

    [Fact]
    public async Task Options_of_the_call_stand_over_those_of_the_configuration()
    {
        await using var host = await BackplaneHost.StartWithAsync(
            sse => sse.AddRedis("redis", options => options.WatchdogFailures = 7), ("ConnectionStrings:redis", redis.ConnectionString), ("Sse:Redis:WatchdogFailures", "5"));

        Assert.Equal(7, host.Services.GetRequiredService<IOptions<SseRedisOptions>>().Value.WatchdogFailures);
    }

    [Fact]
    public async Task A_connection_of_the_application_outlives_the_host_and_keeps_no_topic()
    {
        var topic = Drafts.NewTopic();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await using (var host = await (await BackplaneHost.StartWithAsync(sse => sse.AddRedis(_ => connection))).ReadyAsync())
        {
            await host.SubscribeAsync(topic);
            await AssertEventsFlowAsync(host);
        }

        Assert.True(await connection.GetDatabase().StringSetAsync(Drafts.NewTopic(), "1"));
        await Eventually.TrueAsync(async () => await redis.CliAsync("PUBSUB", "NUMSUB", topic) == $"{topic}\n0", "the topic is unsubscribed");
    }

    [Fact]
    public async Task A_connection_of_the_application_that_hangs_is_left_alone_and_an_own_one_like_it_serves()
    {
        const string Password = "secret";
        var topic = Drafts.NewTopic();
        await using var own = await RedisServer.StartNewAsync();
        await own.CliAsync("CONFIG", "SET", "requirepass", Password);
        await using var link = new TcpLink(own.Port);
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{link.ConnectionString},password={Password}");
        await using var host = await (await BackplaneHost.StartWithAsync(sse => sse.AddRedis(connection), QuickWatchdog)).ReadyAsync();
        var restored = host.CountRestored();
        var receiver = await host.SubscribeAsync(topic);

        link.BlackHole();
        await Eventually.TrueAsync(() => restored() > 0, "restored");
        await host.PublishAsync(Drafts.Draft(topic, "1"));
        Assert.Equal(1, (await receiver.NextAsync()).Number());
        Assert.Equal(1, host.Log.Count("opened a new connection"));

        // Its connections work again, and none of the topics comes back with them.
        link.Drop();
        await Eventually.TrueAsync(async () => await CanAsync(connection), "the application's connection is back");
        await Eventually.TrueAsync(() => host.Backplane.IsAvailable, "the backplane is available");
        await Eventually.TrueAsync(
            async () => (await connection.GetDatabase().ExecuteAsync("PUBSUB", "NUMSUB", topic))[1].ToString() == "1", "the topic is subscribed once");
        await host.PublishAsync(Drafts.Draft(topic, "2"));
        await host.PublishAsync(Drafts.Draft(topic, "3"));
        Assert.Equal([2, 3], (await receiver.TakeAsync(2)).Select(Drafts.Number));
    }

    [Theory]
    [InlineData(null, "names no Redis")]
    [InlineData(" ", "names no Redis")]
    [InlineData("localhost,abortConnect=maybe", "'maybe'")]
    [InlineData("host=localhost", "'host'")]
    [InlineData("localhost:99999", "'99999'")]
    [InlineData("redis://localhost:6379", "is a URL")]
    [InlineData("localhost,channelPrefix=a", "channelPrefix")]
    [InlineData("localhost,proxy=Twemproxy", "proxy=Twemproxy")]
    public async Task A_connection_string_that_cannot_serve_stops_the_start_and_is_named(string? text, string part)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => BackplaneHost.StartWithAsync(sse => sse.AddRedis("other"), ("ConnectionStrings:other", text)));

        Assert.StartsWith("ConnectionStrings:other ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_of_the_application_that_cannot_serve_stops_the_start_and_is_named()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString},channelPrefix=a");

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => BackplaneHost.StartWithAsync(sse => sse.AddRedis(connection)));

        Assert.StartsWith("The application's IConnectionMultiplexer has a channelPrefix", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_Redis_that_was_added_counts()
    {
        await using var host = await (await BackplaneHost.StartWithAsync(
            sse => sse.AddRedis("missing").AddRedis("redis"), ("ConnectionStrings:redis", redis.ConnectionString))).ReadyAsync();

        await AssertEventsFlowAsync(host);
        Assert.Equal(HealthStatus.Healthy, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Status);
    }

    [Fact]
    public async Task What_AddSse_adds_afterwards_leaves_Redis_in_its_place()
    {
        await using var host = await BackplaneHost.StartWithAsync(sse => sse.AddRedis("redis").Services.AddSsePublisher(), ("ConnectionStrings:redis", redis.ConnectionString));

        Assert.Equal("redis", host.Services.GetRequiredService<IBackplane>().Name);
    }

    private static async Task<bool> CanAsync(ConnectionMultiplexer connection)
    {
        try
        {
            await connection.GetDatabase().PingAsync();
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private static async Task AssertEventsFlowAsync(BackplaneHost host)
    {
        var topic = Drafts.NewTopic();
        var receiver = await host.SubscribeAsync(topic);
        await host.PublishAsync(Drafts.Draft(topic, "1"));
        Assert.Equal(1, (await receiver.NextAsync()).Number());
    }
}
