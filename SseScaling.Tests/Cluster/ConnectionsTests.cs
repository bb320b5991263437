using SseScaling.Tests.Social;
using SseScaling.Tests.Testing;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Cluster;

/// <summary>What one replica does to the streams of others: two in processes of their own, and one in this process that calls.</summary>
public sealed class ConnectionsTests(TwoReplicas replicas) : IClassFixture<TwoReplicas>, IAsyncLifetime
{
    private ClusterMember _member = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ISseConnections Connections => _member.Connections;

    private HttpClient One => replicas.One.Http;

    private HttpClient Other => replicas.Other.Http;

    public async ValueTask InitializeAsync() => _member = await ClusterMember.StartAsync(replicas.Redis, replicas: 3);

    public ValueTask DisposeAsync() => _member.DisposeAsync();

    [Fact]
    public async Task A_users_streams_end_on_all_replicas_and_come_back_where_they_stood()
    {
        var (user, bystander) = (SocialCalls.NewUser(), SocialCalls.NewUser());
        await using var first = await One.OpenUserAsync(user);
        await using var second = await Other.OpenUserAsync(user);
        await using var others = await Other.OpenUserAsync(bystander);
        await One.NotifyAsync(user, "1");
        foreach (var client in new[] { first, second })
            Assert.Equal("1", (await client.NextAsync()).Data);

        await Connections.DisconnectAsync(SseTarget.User(user), cancellationToken: Cancellation);

        await Task.WhenAll(first.Ended, second.Ended).WaitAsync(Eventually.Deadline, Cancellation);
        foreach (var replica in new[] { replicas.One, replicas.Other })
            await Eventually.TrueAsync(() => replica.Output.Any(line => line.Contains($"(user {user}) ", StringComparison.Ordinal) && line.EndsWith(": ended", StringComparison.Ordinal)), "the reason is logged");
        await One.NotifyAsync(user, "2");
        await using var back = await SseClient.OpenAsync(Other, $"/api/notifications?userId={user}", first.LastEventId);
        Assert.Equal("2", (await back.NextAsync()).Data);
        await One.NotifyAsync(bystander, "3");
        Assert.Equal("3", (await others.NextAsync()).Data);
    }

    [Fact]
    public async Task Whoever_was_sent_away_for_good_is_answered_204_on_every_replica()
    {
        var user = SocialCalls.NewUser();
        await using var client = await One.OpenUserAsync(user);
        await client.LiveAsync();
        await One.NotifyAsync(user, "1");

        await Connections.DisconnectAsync(SseTarget.User(user), forGood: true, Cancellation);

        await client.Ended.WaitAsync(Eventually.Deadline, Cancellation);
        Assert.Equal("1", (await client.NextAsync()).Data);
        Assert.Equal((0, "end"), (client.Waiting, client.LastEventId));
        foreach (var replica in new[] { One, Other })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/notifications?userId={user}");
            request.Headers.Add("Last-Event-ID", client.LastEventId);
            using var answer = await replica.SendAsync(request, Cancellation);
            Assert.Equal(204, (int)answer.StatusCode);
        }

        // It is the stream that was ended, not the user that was banned.
        await using var anew = await Other.OpenUserAsync(user);
    }

    [Fact]
    public async Task Streams_end_by_their_topic_or_one_by_its_id()
    {
        var (topic, elsewhere) = (Drafts.NewTopic(), Drafts.NewTopic());
        await using var one = await SseClient.OpenTopicsAsync(One, topic, elsewhere);
        await using var two = await SseClient.OpenTopicsAsync(Other, topic);
        await using var apart = await SseClient.OpenTopicsAsync(One, elsewhere);
        await using var chosen = await SseClient.OpenTopicsAsync(Other, elsewhere);
        await Task.WhenAll(one.LiveAsync(), two.LiveAsync(), apart.LiveAsync(), chosen.LiveAsync());

        await Connections.DisconnectAsync(SseTarget.Topic(topic), cancellationToken: Cancellation);
        await Task.WhenAll(one.Ended, two.Ended).WaitAsync(Eventually.Deadline, Cancellation);
        var left = await Connections.ListAsync(SseTarget.Topic(elsewhere), Cancellation);
        Assert.Equal(2, left.Count);
        var other = (await Other.StatsAsync()).GetProperty("instance").GetString();
        await Connections.DisconnectAsync(SseTarget.Connection(left.Single(connection => connection.Replica == other).Id), cancellationToken: Cancellation);
        await chosen.Ended.WaitAsync(Eventually.Deadline, Cancellation);
        await One.PublishAsync(elsewhere, "1");
        Assert.Equal("1", (await apart.NextAsync()).Data);
        Assert.NotEqual(other, Assert.Single(await Connections.ListAsync(SseTarget.Topic(elsewhere), Cancellation)).Replica);
    }

    [Fact]
    public async Task An_open_stream_joins_a_topic_and_leaves_it_while_nothing_of_its_own_is_lost()
    {
        var (user, topic) = (SocialCalls.NewUser(), Drafts.NewTopic());
        await using var client = await One.OpenUserAsync(user);
        await client.LiveAsync();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var publishing = PublishUntilAsync(Topic(user), done.Token);
        await Other.PublishAsync(topic, "\"before\"");

        await Connections.JoinAsync(SseTarget.User(user), topic, Cancellation);
        await Other.PublishAsync(topic, "\"joined\"");
        await Other.PublishAsync(topic, "\"still\"");
        var got = await client.TakeUntilAsync("\"still\"");
        await Connections.LeaveAsync(SseTarget.User(user), topic, Cancellation);
        await Other.PublishAsync(topic, "\"after\"");
        await done.CancelAsync();
        var published = await publishing;
        await Other.PublishAsync(Topic(user), "\"end\"");
        got.AddRange(await client.TakeUntilAsync("\"end\""));

        Assert.Equal(["\"joined\"", "\"still\"", "\"end\""], got.Select(item => item.Data).Where(data => data[0] == '"'));
        Assert.Equal(ApiCalls.Numbers(1, published), got.Select(item => item.Data).Where(data => data[0] != '"'));
        Assert.Equal([Topic(user)], Assert.Single(await Connections.ListAsync(SseTarget.User(user), Cancellation)).Topics);
    }

    [Fact]
    public async Task All_streams_of_both_replicas_are_listed_and_counted()
    {
        var user = SocialCalls.NewUser();
        var before = DateTimeOffset.UtcNow - TimeSpan.FromSeconds(1);
        await using var first = await One.OpenUserAsync(user);
        await using var second = await Other.OpenUserAsync(user);
        await using var third = await Other.OpenUserAsync(user);
        foreach (var client in new[] { first, second, third })
            await client.LiveAsync();

        var listed = await Connections.ListAsync(SseTarget.User(user), Cancellation);

        Assert.Equal(3, listed.Select(connection => connection.Id).Distinct().Count());
        Assert.Equal([1, 2], listed.GroupBy(connection => connection.Replica).Select(group => group.Count()).Order());
        Assert.All(listed, connection =>
        {
            Assert.Equal((user, true), (connection.User, connection.Id.StartsWith(connection.Replica + "/", StringComparison.Ordinal)));
            Assert.Equal([Topic(user)], connection.Topics);
            Assert.InRange(connection.ConnectedAt, before, DateTimeOffset.UtcNow + TimeSpan.FromSeconds(1));
        });
        Assert.Equal(3, await Connections.CountAsync(SseTarget.Topic(Topic(user)), Cancellation));
        Assert.Contains(await Connections.ListAsync(SseTarget.All, Cancellation), connection => connection.User == user);
        Assert.Empty(await Connections.ListAsync(SseTarget.Connection("nobody/1"), Cancellation));
        await Eventually.TrueAsync(async () => await Connections.CountAsync(SseTarget.User(user), Cancellation) == 3, "the register knows all three");
    }

    [Fact]
    public async Task A_list_that_does_not_fit_into_one_message_is_complete()
    {
        const int Streams = 1_200;
        await using var holder = await ClusterMember.StartAsync(replicas.Redis, replicas: 4);
        await _member.KnowsAsync(4);
        var user = SocialCalls.NewUser();
        for (var i = 0; i < Streams; i++)
            holder.Open(user, StreamPlan.Of([Topic(user)]));

        var listed = await Connections.ListAsync(SseTarget.User(user), Cancellation);

        Assert.Equal(Streams, listed.Select(connection => connection.Id).Distinct().Count());
    }

    [Fact]
    public async Task Streams_of_another_replica_follow_their_plans_anew()
    {
        await using var holder = await ClusterMember.StartAsync(replicas.Redis, replicas: 4);
        var (user, topic) = (SocialCalls.NewUser(), Drafts.NewTopic());
        var plan = StreamPlan.Of([Topic(user)]);
        var stream = holder.Open(user, plan, _ => Task.FromResult(plan));
        await Eventually.TrueAsync(() => stream.TopicNames.Count == 1, "the stream began");
        plan = StreamPlan.Of([Topic(user), topic]);

        await Connections.RefreshAsync(SseTarget.User(user), Cancellation);

        await Eventually.TrueAsync(() => stream.TopicNames.SequenceEqual([Topic(user), topic]), "the other replica's stream follows");
        plan = StreamPlan.Of([topic]);
        await holder.Connections.RefreshAsync(SseTarget.User(user), Cancellation);
        Assert.Equal([topic], stream.TopicNames);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sse:control")]
    [InlineData("a\nb")]
    public async Task A_topic_that_nobody_may_name_is_not_joined(string topic) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Connections.JoinAsync(SseTarget.All, topic, Cancellation));

    /// <summary>Publishes 1, 2, 3 and so on, one after the other; returns how many.</summary>
    private async Task<int> PublishUntilAsync(string topic, CancellationToken done)
    {
        var number = 0;
        while (!done.IsCancellationRequested)
            await Other.PublishNumbersAsync(topic, ++number, 1);
        return number;
    }

    private static string Topic(string user) => "notifications:" + user;
}
