using System.Net;
using System.Text;
using SseScaling.Tests.Application;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>An application on the public face: its streams, on every way in, in memory and on two replicas.</summary>
public sealed class ShopStreamTests(ShopReplicas shop) : IClassFixture<ShopReplicas>
{
    public static TheoryData<bool, Way> Everywhere { get; } = new()
    {
        { false, Way.Socket }, { false, Way.Http2 }, { true, Way.Socket }, { true, Way.Response }, { true, Way.Tls }, { true, Way.Http2 },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_customer_gets_its_own_events_and_after_a_reconnect_those_that_it_missed(bool isShared, Way way)
    {
        var user = NewName();
        var (own, other) = shop.Find(isShared, way);
        string last;
        await using (var stream = await ShopReplicas.OpenMineAsync(own, way, user))
        {
            await other.Publisher.PublishAsync($"customer:{user}", new { Number = 1 }, cancellationToken: Cancellation);
            Assert.Equal("""{"number":1}""", (await stream.NextAsync()).Data);
            last = stream.LastEventId;
        }

        await other.Publisher.PublishAsync($"customer:{user}", new { Number = 2 }, cancellationToken: Cancellation);
        await using var again = await ShopReplicas.OpenMineAsync(other, way, user, last);
        Assert.Equal("""{"number":2}""", (await again.NextAsync()).Data);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_stream_joins_and_leaves_a_topic_while_it_is_open(bool isShared, Way way)
    {
        var (user, offers) = (NewName(), NewName());
        var (own, other) = shop.Find(isShared, way);
        await using var stream = await ShopReplicas.OpenMineAsync(own, way, user);

        await other.Connections.JoinAsync(SseTarget.User(user), offers, Cancellation);
        await own.Publisher.PublishAsync(offers, "joined", cancellationToken: Cancellation);
        Assert.Equal("\"joined\"", (await stream.NextAsync()).Data);
        await other.Connections.LeaveAsync(SseTarget.User(user), offers, Cancellation);
        await own.Publisher.PublishAsync(offers, "left", cancellationToken: Cancellation);
        await own.Publisher.PublishAsync($"customer:{user}", "own", cancellationToken: Cancellation);

        Assert.Equal("\"own\"", (await stream.NextAsync()).Data);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_user_a_connection_and_a_topic_are_disconnected_from_another_process(bool isShared, Way way)
    {
        var user = NewName();
        var (own, other) = shop.Find(isShared, way);
        var streams = new List<SseClient>();
        for (var i = 0; i < 3; i++)
            streams.Add(await ShopReplicas.OpenAsync(own, way, $"/feed?user={user}{i}&topic={user}{i}"));
        var listed = Assert.Single(await other.Connections.ListAsync(SseTarget.Topic(user + "1"), Cancellation));
        Assert.Equal(user + "1", listed.User);

        await other.Connections.DisconnectAsync(SseTarget.User(user + "0"), cancellationToken: Cancellation);
        await other.Connections.DisconnectAsync(SseTarget.Connection(listed.Id), cancellationToken: Cancellation);
        await other.Connections.DisconnectAsync(SseTarget.Topic(user + "2"), forGood: true, Cancellation);

        foreach (var stream in streams)
            await stream.Ended.WaitAsync(Eventually.Deadline, Cancellation);
        using var returned = await other.SendAsync(HttpMethod.Get, $"/feed?topic={user}2", token: null, lastEventId: streams[2].LastEventId);
        Assert.Equal(HttpStatusCode.NoContent, returned.StatusCode);
        await using var back = await ShopReplicas.OpenAsync(own, way, $"/feed?topic={user}0", lastEventId: streams[0].LastEventId);
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_filter_and_a_window_hold_for_their_endpoint(bool isShared, Way way)
    {
        var name = NewName();
        var (own, other) = shop.Find(isShared, way);
        await using var stream = await ShopReplicas.OpenAsync(own, way, $"/shops/{name}/events");

        SseEvent[] events = [Offer("50"), Offer("150"), Offer("90"), Offer("250")];
        await other.Publisher.PublishAsync(events, Cancellation);

        Assert.Equal("""{"batch":[{"price":150},{"price":250}]}""", (await stream.NextAsync()).Data);

        SseEvent Offer(string price) => new($"shop:{name}", Encoding.UTF8.GetBytes($$"""{"price":{{price}}}"""));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task The_application_is_told_who_came_and_went(bool isShared, Way way)
    {
        var user = NewName();
        var own = shop.Find(isShared, way).Own;
        await using (await ShopReplicas.OpenMineAsync(own, way, user))
            await ToldAsync(own, $"{user} came to customer:{user}");

        await ToldAsync(own, $"{user} went: Client");
    }

    private static async Task ToldAsync(ShopReplica replica, string expected)
    {
        // Other tests' streams are told of too.
        while (await replica.Get<Visits>().Told.ReadAsync(Cancellation).AsTask().WaitAsync(Eventually.Deadline, Cancellation) != expected)
        {
        }
    }

    private static string NewName() => Guid.NewGuid().ToString("N")[..12];
}
