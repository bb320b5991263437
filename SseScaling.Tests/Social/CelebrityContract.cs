using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>Posts of authors who become celebrities with their third follower, whatever carries them.</summary>
public abstract class CelebrityContract
{
    /// <summary>Where followers are made and posts are published.</summary>
    protected abstract HttpClient Http { get; }

    /// <summary>Where clients listen; another replica where there is one.</summary>
    protected abstract HttpClient Listening { get; }

    [Fact]
    public async Task Followers_see_no_seam_when_their_author_becomes_a_celebrity()
    {
        var (author, a, b) = (SocialCalls.NewUser("author"), SocialCalls.NewUser(), SocialCalls.NewUser());
        await Http.FollowAsync(author, a);
        await Http.FollowAsync(author, b);
        await using var open = await Listening.OpenUserAsync(a);
        string away;
        await using (var leaving = await Listening.OpenUserAsync(b))
        {
            Assert.Equal(2, await Http.PostAsync(author, "p1"));
            Assert.Equal("p1", PostOf((await leaving.NextAsync()).Data));
            away = leaving.LastEventId;
        }

        await Http.FollowAsync(author, SocialCalls.NewUser());
        Assert.Equal(3, await Http.PostAsync(author, "p2"));
        Assert.Equal(3, await Http.PostAsync(author, "p3"));
        Assert.Equal(3, await Http.PostAsync(author, "p3"));

        Assert.Equal(["p1", "p2", "p3"], (await open.TakeDataAsync(3)).Select(PostOf));
        string both;
        await using (var back = await Listening.OpenUserAsync(b, lastEventId: away))
        {
            Assert.Equal(["p2", "p3"], (await back.TakeDataAsync(2)).Select(PostOf));

            // Posts and notifications have one id now, which resumes both.
            await Http.NotifyAsync(b, "1");
            Assert.Equal("1", (await back.NextAsync()).Data);
            both = back.LastEventId;
        }

        await Http.NotifyAsync(b, "2");
        await Http.PostAsync(author, "p4");
        await using var again = await Listening.OpenUserAsync(b, lastEventId: both);
        Assert.Equal(["2", "p4"], (await again.TakeDataAsync(2)).Select(PostOf).Order());
        await Http.NotifyAsync(b, "3");
        Assert.Equal("3", (await again.NextAsync()).Data);
    }

    [Fact]
    public async Task Whoever_follows_a_celebrity_gets_what_comes_then_and_nothing_after_leaving()
    {
        var (author, user) = (SocialCalls.NewUser("author"), SocialCalls.NewUser());
        for (var i = 0; i < 3; i++)
            await Http.FollowAsync(author, SocialCalls.NewUser());
        await Http.PostAsync(author, "before");
        await using var client = await Listening.OpenUserAsync(user);

        await Http.FollowAsync(author, user);
        await Http.FollowAsync(author, user);
        await Http.PostAsync(author, "p1");
        Assert.Equal("p1", PostOf((await client.NextAsync()).Data));

        await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{author}/followers/{user}");
        var n = 0;
        await Eventually.TrueAsync(async () =>
        {
            await Http.PostAsync(author, $"after{++n}");
            await Http.NotifyAsync(user, $"\"end{n}\"");
            return (await client.TakeUntilAsync($"\"end{n}\"")).Count == 1;
        }, "no post arrives any more");
    }

    [Fact]
    public async Task A_muted_celebrity_and_unwanted_types_are_held_back()
    {
        var (author, user) = (SocialCalls.NewUser("author"), SocialCalls.NewUser());
        await Http.FollowAsync(author, user);
        for (var i = 0; i < 3; i++)
            await Http.FollowAsync(author, SocialCalls.NewUser());
        await Http.PostAsync(author, "p1");
        await Http.DoneAsync(HttpMethod.Put, $"/api/users/{user}/muted/{author}");
        await using var client = await Listening.OpenUserAsync(user);

        await Http.PostAsync(author, "p2");
        await Http.NotifyAsync(user, "1");

        Assert.Equal("1", (await client.NextAsync()).Data);
    }

    [Fact]
    public async Task Posts_on_both_sides_of_the_threshold_reach_a_reconnecting_follower_once()
    {
        const int Posts = 120;
        const int Threshold = 41;
        var (author, user) = (SocialCalls.NewUser("author"), SocialCalls.NewUser());
        await Http.FollowAsync(author, user);
        var client = await Listening.OpenUserAsync(user);
        await Http.NotifyAsync(user, "0");
        Assert.Equal("0", (await client.NextAsync()).Data);

        var posting = Task.Run(async () =>
        {
            for (var n = 0; n < Posts; n++)
            {
                if (n is Threshold - 1 or Threshold)
                    await Http.FollowAsync(author, SocialCalls.NewUser());
                await Http.PostAsync(author, $"p{n}");
            }
        }, TestContext.Current.CancellationToken);

        var seen = new List<string>();
        while (seen.Count < Posts)
        {
            var item = await client.NextAsync();
            seen.Add(PostOf(item.Data));
            if (seen.Count % 10 != 0)
                continue;

            // What was received and not taken comes again by the id of the last one taken.
            var id = item.EventId;
            await client.DisposeAsync();
            client = await Listening.OpenUserAsync(user, lastEventId: id);
        }

        await posting;
        await client.DisposeAsync();

        // Two topics: each one's posts in their order, none lost and none twice.
        var written = Enumerable.Range(0, Threshold).Select(n => $"p{n}").ToList();
        Assert.Equal(written, seen.Where(written.Contains));
        Assert.Equal(Enumerable.Range(Threshold, Posts - Threshold).Select(n => $"p{n}"), seen.Except(written));
        Assert.Equal(Posts, seen.Distinct().Count());
    }

    [Fact]
    public async Task Whoever_follows_more_celebrities_than_a_stream_can_merge_misses_none()
    {
        var user = SocialCalls.NewUser();
        var authors = Enumerable.Range(0, 105).Select(_ => SocialCalls.NewUser("author")).ToList();
        foreach (var author in authors)
        {
            foreach (var follower in new[] { user, "a", "b" })
                await Http.FollowAsync(author, follower);
        }

        var client = await Listening.OpenUserAsync(user);
        foreach (var author in authors)
            await Http.PostAsync(author, author);
        Assert.Equal(authors.Order(), (await client.TakeDataAsync(authors.Count)).Select(PostOf).Order());

        var id = client.LastEventId;
        await client.DisposeAsync();
        foreach (var author in authors)
            await Http.PostAsync(author, author + "-second");
        await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{authors[104]}/followers/{user}");
        await Http.PostAsync(authors[104], "unheard");
        await using var back = await Listening.OpenUserAsync(user, lastEventId: id);
        Assert.Equal(authors.Select(author => author + "-second").Order(), (await back.TakeDataAsync(authors.Count)).Select(PostOf).Order());
        await Http.NotifyAsync(user, "1");
        Assert.Equal("1", (await back.NextAsync()).Data);
    }

    private static string PostOf(string data)
    {
        using var json = JsonDocument.Parse(data);
        return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.GetProperty("postId").GetString()! : data;
    }
}

public sealed class CelebritiesInMemoryTests(CelebritiesInMemory api) : CelebrityContract, IClassFixture<CelebritiesInMemory>
{
    protected override HttpClient Http => api.Http;

    protected override HttpClient Listening => api.Http;
}

public sealed class CelebritiesOnReplicasTests(CelebrityReplicas replicas) : CelebrityContract, IClassFixture<CelebrityReplicas>
{
    protected override HttpClient Http => replicas.One.Http;

    protected override HttpClient Listening => replicas.Other.Http;
}

public sealed class CelebritiesInMemory() : ApiFixture(direct: true, withRedis: false, ("Social__CelebrityFollowers", "3"));

public sealed class CelebrityReplicas() : TwoReplicas(("Social__CelebrityFollowers", "3"));
