using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Tests.Application;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>An application on the public face: events for code in the process.</summary>
public sealed class ShopSubscriberTests(ShopReplicas shop) : IClassFixture<ShopReplicas>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_background_service_publishes_reaches_streams_and_the_other_s_background_service(bool isShared)
    {
        var (own, other) = shop.Find(isShared, Way.Socket);
        var id = Random.Shared.Next();
        await using var stream = await ShopReplicas.OpenAsync(other, Way.Socket, $"/orders/{id}/events", Tokens.For("carl", "clerk"));

        using var taken = await own.SendAsync(HttpMethod.Post, $"/orders/{id}/paid", token: null);
        taken.EnsureSuccessStatusCode();

        var item = await stream.NextAsync();
        Assert.Equal((OrderPaid.Type, $$"""{"id":{{id}}}"""), (item.EventType, item.Data));
        await PaidAsync(own, other, id);
    }

    [Fact]
    public async Task A_service_that_starts_again_goes_on_behind_what_it_has_seen()
    {
        var (first, second) = (Random.Shared.Next(), Random.Shared.Next());
        string seen;
        await using (var before = await shop.StartAsync())
        {
            seen = await PaidAsync(before, before, first);
        }

        await PaidAsync(shop.Other, shop.One, second);
        await using var after = await shop.StartAsync(configure: builder => builder.Services.AddSingleton(new LastPayment(seen)));

        await WrittenAsync(after, second);
    }

    [Fact]
    public async Task An_enumeration_ends_with_the_application()
    {
        var replica = await shop.StartAsync(isShared: false);
        var written = replica.Get<Ledger>().Written;

        await replica.DisposeAsync();

        await written.Completion.WaitAsync(Eventually.Deadline, Cancellation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_enumeration_served_as_events_resumes_and_tells_of_a_gap(bool isShared)
    {
        var topic = NewTopic();
        var (own, other) = shop.Find(isShared, Way.Socket);
        // The head of such an answer comes with its first event; until then it may not be subscribed yet.
        var opening = SseClient.OpenAsync(own.Plain, "/tail/" + topic);
        await Eventually.TrueAsync(
            async () =>
            {
                await other.Publisher.PublishAsync(topic, 0, new() { Durable = false }, Cancellation);
                return opening.IsCompleted;
            },
            "the tail is live");
        await (await opening).DisposeAsync();

        var first = await other.Publisher.PublishAsync(topic, 1, cancellationToken: Cancellation);
        var second = await other.Publisher.PublishAsync(topic, 2, cancellationToken: Cancellation);
        await using (var tail = await SseClient.OpenAsync(own.Plain, "/tail/" + topic, first.Id))
            Assert.Equal(("2", second.Id), await NextAsync(tail));

        // Of which history keeps 50.
        for (var number = 3; number <= 60; number++)
            await other.Publisher.PublishAsync(topic, number, cancellationToken: Cancellation);
        await using (var tail = await SseClient.OpenAsync(own.Plain, "/tail/" + topic, second.Id))
        {
            var gap = await tail.NextAsync();
            Assert.Equal("gap", gap.EventType);
            Assert.Equal(topic, JsonDocument.Parse(gap.Data).RootElement.GetProperty("topic").GetString());
            Assert.Equal(ApiCalls.Numbers(11, 50), await tail.TakeDataAsync(50));
        }

        static async Task<(string, string?)> NextAsync(SseClient tail)
        {
            var item = await tail.NextAsync();
            return (item.Data, item.EventId);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_that_lags_misses_nothing_that_history_holds(bool isShared)
    {
        var topic = NewTopic();
        var (own, other) = shop.Find(isShared, Way.Socket);
        var since = (await other.Publisher.PublishAsync(topic, "begin", cancellationToken: Cancellation)).Id;
        await using var reader = own.Get<ISseSubscriber>()
            .SubscribeUtf8Async(new SseSubscription(topic) { LastEventId = since }, Cancellation).GetAsyncEnumerator(Cancellation);
        await other.Publisher.PublishAsync(topic, "first", cancellationToken: Cancellation);
        Assert.Equal("\"first\"", await NextAsync(reader));

        // More than twice what may wait for it.
        for (var number = 1; number <= 40; number++)
            await other.Publisher.PublishAsync(topic, $"{number} {new string('x', 4_000)}", cancellationToken: Cancellation);

        for (var number = 1; number <= 40; number++)
            Assert.StartsWith($"\"{number} ", await NextAsync(reader), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_enumeration_throws_while_it_waits()
    {
        using var stop = new CancellationTokenSource();
        await using var reader = shop.Alone.Get<ISseSubscriber>().SubscribeAsync<int>(NewTopic(), stop.Token).GetAsyncEnumerator(Cancellation);
        var next = reader.MoveNextAsync();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    [Fact]
    public async Task Data_of_another_kind_end_the_enumeration_with_the_reason()
    {
        var topic = NewTopic();
        var since = (await shop.Alone.Publisher.PublishAsync(topic, 1, cancellationToken: Cancellation)).Id;
        await using var reader = shop.Alone.Get<ISseSubscriber>()
            .SubscribeAsync<OrderPaid>(new SseSubscription(topic) { LastEventId = since }, Cancellation).GetAsyncEnumerator(Cancellation);
        await shop.Alone.Publisher.PublishAsync(topic, "no payment", cancellationToken: Cancellation);

        await Assert.ThrowsAsync<JsonException>(async () => await reader.MoveNextAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("sse:control")]
    public void A_topic_that_nobody_may_name_is_refused_at_once(string topic) =>
        Assert.Throws<ArgumentException>(() => shop.Alone.Get<ISseSubscriber>().SubscribeAsync<int>(topic, Cancellation));

    [Theory]
    [InlineData("never sent")]
    [InlineData("end")]
    public void An_id_that_no_subscription_has_is_refused_at_once(string id) =>
        Assert.Throws<ArgumentException>(() => shop.Alone.Get<ISseSubscriber>().SubscribeAsync<int>(new SseSubscription("a") { LastEventId = id }, Cancellation));

    private static async Task<string> NextAsync(IAsyncEnumerator<SseItem<ReadOnlyMemory<byte>>> reader)
    {
        Assert.True(await reader.MoveNextAsync().AsTask().WaitAsync(Eventually.Deadline, Cancellation));
        return Encoding.UTF8.GetString(reader.Current.Data.Span);
    }

    /// <summary>Pays until it is written down, for a ledger that has just started may not listen yet; returns the payment's id.</summary>
    private static async Task<string> PaidAsync(ShopReplica payer, ShopReplica ledger, int order)
    {
        var written = (Payment: new OrderPaid(0), Id: "");
        await Eventually.TrueAsync(
            () =>
            {
                payer.Get<Payments>().Receive(new OrderPaid(order));
                return ledger.Get<Ledger>().Written.TryRead(out written) && written.Payment.Id == order;
            },
            "the payment is written down");
        return written.Id;
    }

    private static async Task WrittenAsync(ShopReplica replica, int order)
    {
        while ((await replica.Get<Ledger>().Written.ReadAsync(Cancellation).AsTask().WaitAsync(Eventually.Deadline, Cancellation)).Payment.Id != order)
        {
        }
    }

    private static string NewTopic() => Guid.NewGuid().ToString("N")[..12];
}
