using System.Text.Json;
using SseScaling.Tests.Social;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Faults;

/// <summary>
/// Two replicas whose Redis is frozen again and again, some times for shorter than a call may take, some times for so long that their connections are
/// replaced: afterwards whatever they do in the background is still done by each of them.
/// </summary>
[Collection(Alone.Name)]
public sealed class FreezeTests
{
    // Calls time out after 0.25 s, and a connection is replaced after two pings of the same: in all freezes but the first of each round.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("Sse__Redis__Timeout", "00:00:00.250"), ("Sse__Redis__WatchdogInterval", "00:00:00.100"), ("Sse__Redis__WatchdogFailures", "2"),
        ("Sse__Redis__SubscribeRetryMax", "00:00:00.200"), ("Social__BackgroundFollowers", "0"), ("Social__TakeOverAfter", "00:00:01"),
        ("Sse__MaxStreamsPerUser", "1"), ("Sse__Retry", "00:00:00.300"),
    ];

    private static readonly TimeSpan[] Freezes = [.. new[] { .15, .4, .75, 1.1, 1.6 }.Select(TimeSpan.FromSeconds)];

    [Fact]
    public async Task After_twenty_freezes_every_replica_still_does_all_of_its_work()
    {
        await using var cluster = await FaultCluster.StartAsync(2, Settings);
        using (var stop = new CancellationTokenSource())
        {
            var load = Task.WhenAll(cluster.Replicas.Select((replica, i) => LoadAsync(replica.Http, $"busy-{i}", stop.Token)));
            for (var i = 0; i < 20; i++)
            {
                await cluster.Redis.FreezeAsync();
                await Task.Delay(Freezes[i % Freezes.Length], TestContext.Current.CancellationToken);
                await cluster.Redis.ThawAsync();
                foreach (var replica in cluster.Replicas)
                    await replica.HealthyAsync();
            }

            await stop.CancelAsync();
            await load;
        }

        foreach (var (one, other) in new[] { (cluster.Replicas[0], cluster.Replicas[1]), (cluster.Replicas[1], cluster.Replicas[0]) })
        {
            Assert.False(one.HasExited);
            await EventsFlowAsync(one.Http, other.Http);
            await PostsAreFannedOutAsync(one, other);
            await PresenceFollowsAsync(one.Http, other.Http);
            await MutesAreFollowedAsync(one.Http, other.Http);
            await StreamsOfTheOtherReplicaEndAsync(one.Http, other.Http);
            await ReportsComeAsync(one.Http);
            await Eventually.TrueAsync(async () => await AllIsHealthyAsync(one.Http), "every check is Healthy");
        }

        Figures.Print(cluster.Replicas.Select(replica =>
            $"20 freezes: {replica.Count("opened a new connection")} connections replaced, {replica.Count("is not reachable")} outages said, {replica.Count(" fails: ")} failures of services said"));
        Assert.All(cluster.Replicas, replica =>
        {
            Assert.True(replica.Count("opened a new connection") > 0, "No connection was replaced: the freezes were too short to show anything.");
            Assert.InRange(replica.Count("is not reachable"), 1, 20);
        });
    }

    /// <summary>Keeps every kind of call under way while Redis freezes; what fails then is for the client to repeat.</summary>
    private static async Task LoadAsync(HttpClient http, string user, CancellationToken stop)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            await TryAsync(http, HttpMethod.Put, $"/api/users/{user}-author/followers/{user}");
            await TryAsync(http, HttpMethod.Post, "/api/posts", $$"""{"authorId":"{{user}}-author","postId":"{{n}}"}""");
            await TryAsync(http, n % 2 == 0 ? HttpMethod.Put : HttpMethod.Delete, $"/api/users/{user}/muted/somebody");
            await TryAsync(http, HttpMethod.Post, "/api/publish", $$"""{"topic":"notifications:{{user}}","data":{{n}}}""");
            await using var client = await http.OpenUserAsync(user);
        }
    }

    private static async Task TryAsync(HttpClient http, HttpMethod method, string path, string? json = null)
    {
        using var response = await http.SendAsync(method, path, json);
        Assert.True(response.IsSuccessStatusCode || (int)response.StatusCode == 503, $"{path} got {(int)response.StatusCode}");
    }

    private static async Task EventsFlowAsync(HttpClient one, HttpClient other)
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenTopicsAsync(other, topic);
        await one.PublishAsync(topic, "1");
        Assert.Equal("1", (await client.NextAsync()).Data);
    }

    /// <summary>Either replica may take a job: posts until this one has.</summary>
    private static async Task PostsAreFannedOutAsync(ApiProcess one, ApiProcess other)
    {
        var (author, follower) = (SocialCalls.NewUser("author"), SocialCalls.NewUser());
        await one.Http.FollowAsync(author, follower);
        await using var client = await other.Http.OpenUserAsync(follower);
        var n = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                await one.Http.PostAsync(author, $"p{++n}");
                Assert.Contains($"\"p{n}\"", (await client.NextAsync()).Data, StringComparison.Ordinal);
                return one.Count($"of {author} was fanned out") > 0;
            },
            "a post is fanned out by this replica");
    }

    private static async Task PresenceFollowsAsync(HttpClient one, HttpClient other)
    {
        var user = SocialCalls.NewUser();
        await using (await one.OpenUserAsync(user))
            await Eventually.TrueAsync(async () => await StreamsAsync(other, user) == 1, "the user is online on the other replica");
        await Eventually.TrueAsync(async () => await StreamsAsync(other, user) == 0, "the user is offline on the other replica");
    }

    private static async Task<int> StreamsAsync(HttpClient http, string user) =>
        (await http.JsonAsync($"/api/presence?userId={user}")).GetProperty("streams").GetInt32();

    private static async Task MutesAreFollowedAsync(HttpClient one, HttpClient other)
    {
        var (user, author) = (SocialCalls.NewUser(), SocialCalls.NewUser("author"));
        await using var client = await one.OpenUserAsync(user);
        await other.DoneAsync(HttpMethod.Put, $"/api/users/{user}/muted/{author}");

        // A plain topic publish is filtered by the streams alone: the notice takes its moment to the other replica.
        var n = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                await other.NotifyAsync(user, $$"""{"type":"like","authorId":"{{author}}"}""");
                await other.NotifyAsync(user, $$"""{"type":"like","n":{{++n}}}""");
                return (await client.TakeUntilAsync($$"""{"type":"like","n":{{n}}}""")).Count == 1;
            },
            "this replica follows a mute that the other was told");
    }

    /// <summary>A user's second stream ends the first one, wherever that is.</summary>
    private static async Task StreamsOfTheOtherReplicaEndAsync(HttpClient one, HttpClient other)
    {
        var user = SocialCalls.NewUser();
        await using var first = await one.OpenUserAsync(user);
        await Eventually.TrueAsync(async () => await StreamsAsync(other, user) == 1, "the first stream is known");
        await using var second = await other.OpenUserAsync(user);
        await first.Ended.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
    }

    /// <summary>Both replicas' reports reach this one, by the directory and by the monitor's topic.</summary>
    private static async Task ReportsComeAsync(HttpClient http)
    {
        await Eventually.TrueAsync(
            async () => (await http.JsonAsync("/api/stats")).GetProperty("cluster").GetProperty("replicas").GetArrayLength() == 2, "both replicas are known");
        await using var monitor = await SseClient.OpenTopicsAsync(http, "cluster:replicas");
        var seen = new HashSet<string?>();
        while (seen.Count < 2)
        {
            using var report = JsonDocument.Parse((await monitor.NextAsync()).Data);
            seen.Add(report.RootElement.GetProperty("stats").GetProperty("instance").GetString());
        }
    }

    private static async Task<bool> AllIsHealthyAsync(HttpClient http)
    {
        using var response = await http.SendAsync(HttpMethod.Get, "/health");
        return (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).StartsWith("""{"status":"Healthy",""", StringComparison.Ordinal);
    }
}
