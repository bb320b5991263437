using System.Net;
using System.Net.Sockets;
using System.Text;
using SseScaling.LoadTest;
using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Measure;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.LoadTest;

public sealed class RedisPublisherTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private readonly TopicLedger _topic = new("load:redis");

    [Fact]
    public async Task Events_reach_a_subscriber_of_redis_in_order_and_are_confirmed()
    {
        using var subscriber = await SubscribeAsync();
        using var publisher = NewPublisher("127.0.0.1");
        publisher.Start();

        Publish(publisher, 500);
        await Eventually.TrueAsync(() => publisher.IsIdle, "everything is confirmed");

        Assert.Equal((500, 0), (publisher.Counters.Accepted, publisher.Counters.Refused));
        for (var sequence = 0; sequence < 500; sequence++) Assert.Equal(sequence, await NextAsync(subscriber));
    }

    [Fact]
    public async Task With_a_password_it_logs_in_and_without_the_right_one_it_says_what_redis_says()
    {
        await redis.CliAsync("ACL", "SETUSER", "load", "on", ">secret", "allchannels", "+@all");
        using var right = NewPublisher("127.0.0.1,user=load,password=secret");
        using var wrong = NewPublisher("127.0.0.1,user=load,password=guess");
        right.Start();
        wrong.Start();

        Publish(right, 1);
        await Eventually.TrueAsync(() => right.IsIdle && right.Counters.Accepted == 1, "the right password publishes");
        await Eventually.TrueAsync(() => wrong.Counters.LastProblem is not null, "the wrong password is refused");

        Assert.Contains("WRONGPASS", wrong.Counters.LastProblem);
    }

    [Fact]
    public async Task Events_that_redis_did_not_confirm_are_unsure_and_later_ones_are_sent_when_it_is_back()
    {
        await using var server = await RedisServer.StartNewAsync();
        using var publisher = new RedisPublisher("test", new IPEndPoint(IPAddress.Loopback, server.Port), RedisAddress.Parse("127.0.0.1"), Writer());
        publisher.Start();
        Publish(publisher, 10);
        await Eventually.TrueAsync(() => publisher.IsIdle, "the first are confirmed");

        await server.FreezeAsync();
        Publish(publisher, 5);
        await server.KillAsync();
        await Eventually.TrueAsync(() => publisher.Counters.Refused == 5, "those under way are given up");
        Publish(publisher, 3);
        await server.StartAsync();
        await Eventually.TrueAsync(() => publisher.IsIdle, "the last are confirmed");

        Assert.Equal((13, 5), (publisher.Counters.Accepted, publisher.Counters.Refused));
        Assert.Equal(13, _topic.Confirmed(0, 18));
    }

    [Theory]
    [InlineData("localhost:6380,password=a=b,abortConnect=false", "localhost", 6380, null, "a=b")]
    [InlineData("redis,user=me,password=p", "redis", 6379, "me", "p")]
    public void Connection_strings_are_read_as_aspire_writes_them(string text, string host, int port, string? user, string? password) =>
        Assert.Equal(new RedisAddress(host, port, user, password), RedisAddress.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("password=x")]
    [InlineData("host,ssl=true")]
    public void What_cannot_be_reached_that_way_is_refused(string text) => Assert.Throws<UsageException>(() => RedisAddress.Parse(text));

    private static EventWriter Writer() => new("run1"u8.ToArray(), 120, durable: true);

    private RedisPublisher NewPublisher(string settings) =>
        new("test", new IPEndPoint(IPAddress.Loopback, redis.Port), RedisAddress.Parse(settings), Writer());

    private void Publish(RedisPublisher publisher, int count)
    {
        for (var i = 0; i < count; i++) publisher.Offer(new Scheduled(_topic, _topic.Next(), Clock.Now, Clock.UnixMicroseconds));
        publisher.Flush();
    }

    private async Task<StreamReader> SubscribeAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, redis.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("SUBSCRIBE load:redis\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var reader = new StreamReader(client.GetStream());
        for (var line = 0; line < 6; line++) await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        return reader;
    }

    private static async Task<long> NextAsync(StreamReader subscriber)
    {
        while (await subscriber.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (EventPayload.TryRead(Encoding.UTF8.GetBytes(line), out var payload)) return payload.Sequence;
        }
        return -1;
    }
}
