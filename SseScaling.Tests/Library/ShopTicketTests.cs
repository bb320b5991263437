using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SseScaling.Authorization;
using SseScaling.Tests.Application;
using SseScaling.Tests.Testing;
using StackExchange.Redis;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>One-time tickets, for pages whose EventSource can send neither header nor cookie.</summary>
public sealed class ShopTicketTests(ShopReplicas shop) : IClassFixture<ShopReplicas>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, Way.Socket)]
    [InlineData(true, Way.Socket)]
    [InlineData(true, Way.Response)]
    [InlineData(true, Way.Http2)]
    public async Task A_ticket_opens_one_stream_on_any_replica(bool isShared, Way way)
    {
        var (own, other) = shop.Find(isShared, way);
        var topic = Drafts.NewTopic("ticket");
        var ticket = await TicketAsync(other, Token("anna", topic), topic);
        var target = $"/visits/topics?topic={topic}&ticket={ticket}";

        await using (var client = await ShopReplicas.OpenAsync(own, way, target))
        {
            await other.Publisher.PublishAsync(topic, 1, cancellationToken: Cancellation);
            Assert.Equal("1", (await client.NextAsync()).Data);
        }

        using var again = await own.SendAsync(HttpMethod.Get, target, token: null);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_who_come_with_it_at_once_one_gets_in(bool isShared)
    {
        var (own, other) = shop.Find(isShared, Way.Socket);
        var ticket = await TicketAsync(own, Tokens.For("anna"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? own : other).SendAsync(HttpMethod.Get, $"/visits/events?ticket={ticket}", token: null)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task It_is_the_stream_of_whoever_got_it()
    {
        await using var client = await ShopReplicas.OpenAsync(shop.Other, Way.Socket, $"/visits/events?ticket={await TicketAsync(shop.One, Tokens.For("tina"))}");

        await shop.One.Publisher.PublishAsync("customer:tina", 1, cancellationToken: Cancellation);

        Assert.Equal("1", (await client.NextAsync()).Data);
    }

    [Theory]
    [InlineData("a", "topic=a", HttpStatusCode.OK)]
    [InlineData("a b", "topic=a", HttpStatusCode.OK)]
    [InlineData("a", "topic=b", HttpStatusCode.Forbidden)]
    [InlineData("a", "topic=a&topic=b", HttpStatusCode.Forbidden)]
    [InlineData("", "topic=a", HttpStatusCode.Forbidden)]
    [InlineData("", "topic=news:today", HttpStatusCode.OK)]
    public async Task Its_stream_may_name_the_topics_that_it_was_got_for(string got, string named, HttpStatusCode expected)
    {
        foreach (var replica in new[] { shop.Alone, shop.One, shop.Other })
        {
            var ticket = await TicketAsync(replica, Token("anna", "a", "b"), got.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            using var answer = await replica.SendAsync(HttpMethod.Get, $"/visits/topics?{named}&ticket={ticket}", token: null);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Fact]
    public async Task It_is_got_by_whoever_has_the_right_to_the_topics()
    {
        (string? Token, string Query, HttpStatusCode Expected)[] cases =
        [
            (null, "", HttpStatusCode.Unauthorized),
            (Tokens.For("anna", new Dictionary<string, object>(), life: TimeSpan.FromSeconds(1), issued: DateTime.UtcNow.AddSeconds(-2)), "", HttpStatusCode.Unauthorized),
            (Token("anna", "a"), "?topic=b", HttpStatusCode.Forbidden),
            (Token("anna", "a"), "?topic=a&topic=b", HttpStatusCode.Forbidden),
            (Token("anna", "*"), "?topic=", HttpStatusCode.BadRequest),
            (Token("anna", "*"), "?topic=sse:control", HttpStatusCode.BadRequest),
            (Token("anna", "*"), "?topic=a%0Ab", HttpStatusCode.BadRequest),
            (Token("anna", "*"), "?" + string.Join('&', Enumerable.Range(0, 101).Select(i => $"topic={i}")), HttpStatusCode.BadRequest),
            (Token("anna", "*"), "?" + string.Join('&', Enumerable.Range(100, 20).Select(i => $"topic={new string('x', 250)}{i}")), HttpStatusCode.BadRequest),
        ];
        foreach (var (token, query, expected) in cases)
        {
            using var answer = await shop.One.SendAsync(HttpMethod.Post, "/visits/ticket" + query, token);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Fact]
    public async Task What_is_no_ticket_opens_nothing()
    {
        var ticket = await TicketAsync(shop.One, Tokens.For("anna"));
        foreach (var text in new[] { "", "x", "%00", "AAAA", "../..", new string('A', 5_000), Tokens.For("anna"), ticket[..^1], ticket + "A", ticket.ToUpperInvariant(), Changed(ticket) })
        {
            using var answer = await shop.One.SendAsync(HttpMethod.Get, $"/visits/events?ticket={text}", token: null);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        // What was tried beside it has not used it up.
        using var stream = await shop.One.SendAsync(HttpMethod.Get, $"/visits/events?ticket={ticket}", token: null);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
    }

    [Theory]
    [InlineData("POST", "/visits/ticket")]
    [InlineData("POST", "/visits/events/refresh?id=a/1")]
    [InlineData("POST", "/anybody/publish")]
    [InlineData("GET", "/me/events")]
    public async Task It_opens_nothing_else_and_is_not_used_up_by_that(string method, string path)
    {
        var ticket = await TicketAsync(shop.One, Token("anna", "*"));

        using var answer = await shop.One.SendAsync(
            new HttpMethod(method), $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}ticket={ticket}", token: null, method == "POST" ? """{"topic":"a","data":1}""" : null);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);

        using var stream = await shop.One.SendAsync(HttpMethod.Get, $"/visits/events?ticket={ticket}", token: null);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
    }

    [Fact]
    public async Task The_right_that_it_was_got_for_ends_it_and_its_stream()
    {
        var token = Tokens.For("toni");
        await using var client = await ShopReplicas.OpenAsync(shop.Other, Way.Socket, $"/visits/events?ticket={await TicketAsync(shop.One, token)}");
        var unused = await TicketAsync(shop.One, token);

        await shop.One.Connections.RevokeAsync(SseTarget.User("toni"), DateTimeOffset.UtcNow.AddSeconds(1), Cancellation);

        await client.Ended.WaitAsync(Eventually.Deadline, Cancellation);
        using var late = await shop.Other.SendAsync(HttpMethod.Get, $"/visits/events?ticket={unused}", token: null);
        Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);
    }

    [Fact]
    public async Task Its_stream_has_the_life_of_the_token()
    {
        var token = Tokens.For("theo", new Dictionary<string, object>(), life: TimeSpan.FromSeconds(4));
        await using var client = await ShopReplicas.OpenAsync(shop.One, Way.Socket, $"/visits/events?ticket={await TicketAsync(shop.Other, token)}");

        Assert.Equal("reauthenticate", (await client.NextAsync()).EventType);
        await client.Ended.WaitAsync(Eventually.Deadline, Cancellation);
    }

    [Fact]
    public async Task It_can_be_used_for_30_seconds()
    {
        var time = new FakeTimeProvider();
        var store = new MemoryTicketStore(time);
        await store.AddAsync("young", TimeSpan.FromSeconds(30), Cancellation);
        await store.AddAsync("old", TimeSpan.FromSeconds(30), Cancellation);
        time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.True(await store.TakeAsync("young", Cancellation));
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(await store.TakeAsync("old", Cancellation));

        var ticket = await TicketAsync(shop.One, Tokens.For("anna"));
        await using var redis = await ConnectionMultiplexer.ConnectAsync(shop.Redis.ConnectionString);
        var keys = redis.GetServers()[0].Keys(pattern: "sse:ticket:*").ToArray();
        Assert.All(keys, key => Assert.InRange(redis.GetDatabase().KeyTimeToLive(key)!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(30)));
        Assert.True(await redis.GetDatabase().KeyDeleteAsync(keys) > 0);
        using var answer = await shop.One.SendAsync(HttpMethod.Get, $"/visits/events?ticket={ticket}", token: null);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static string Token(string user, params string[] topics) => Tokens.For(user, new Dictionary<string, object> { ["sse_sub"] = topics });

    private static string Changed(string ticket)
    {
        var middle = ticket.Length / 2;
        return $"{ticket[..middle]}{(ticket[middle] == 'A' ? 'B' : 'A')}{ticket[(middle + 1)..]}";
    }

    private static async Task<string> TicketAsync(ShopReplica replica, string token, params string[] topics)
    {
        using var answer = await replica.SendAsync(HttpMethod.Post, "/visits/ticket?" + string.Join('&', topics.Select(topic => $"topic={topic}")), token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        var given = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement;
        Assert.Equal(30, given.GetProperty("expiresInSeconds").GetInt32());
        return given.GetProperty("ticket").GetString()!;
    }
}
