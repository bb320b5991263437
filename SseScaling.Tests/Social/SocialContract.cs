using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>What the social endpoints promise, whatever keeps their data.</summary>
public abstract partial class SocialContract(ApiFixture fixture)
{
    private HttpClient Http => fixture.Http;

    [Fact]
    public async Task Every_follower_gets_one_event_of_a_post()
    {
        var (author, one, other) = (SocialCalls.NewUser("author"), SocialCalls.NewUser(), SocialCalls.NewUser());
        await Http.FollowAsync(author, one);
        await Http.FollowAsync(author, other);
        await Http.FollowAsync(author, other);
        await using var first = await Http.OpenUserAsync(one);
        await using var second = await Http.OpenUserAsync(other);

        Assert.Equal(2, await Http.PostAsync(author, "p1"));
        Assert.Equal(2, await Http.PostAsync(author, "p1"));
        await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{author}/followers/{one}");
        Assert.Equal(1, await Http.PostAsync(author, "p2"));
        await Http.NotifyAsync(one, "\"end\"");

        Assert.Equal([NewPost(author, "p1"), "\"end\""], await first.TakeDataAsync(2));
        Assert.Equal([NewPost(author, "p1"), NewPost(author, "p2")], await second.TakeDataAsync(2));
    }

    [Fact]
    public async Task Nobody_gets_the_post_of_an_author_whom_nobody_follows() => Assert.Equal(0, await Http.PostAsync(SocialCalls.NewUser("author"), "p1"));

    [Fact]
    public async Task Followers_are_listed_page_by_page_in_the_order_of_their_names()
    {
        var author = SocialCalls.NewUser("author");
        var names = Enumerable.Range(0, 1_205).Select(i => $"f{i:D4}").ToArray();
        foreach (var some in names.Chunk(200))
            await Task.WhenAll(some.Select(name => Http.FollowAsync(author, name)));

        var page = await Http.JsonAsync($"/api/users/{author}/followers");
        await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{author}/followers/f0000");
        var cursor = page.GetProperty("cursor").GetString();
        var rest = await Http.JsonAsync($"/api/users/{author}/followers?cursor={cursor}");

        var listed = page.GetProperty("followers").EnumerateArray().Concat(rest.GetProperty("followers").EnumerateArray());
        Assert.Equal(names, listed.Select(name => name.GetString()));
        Assert.Equal(1_205, page.GetProperty("count").GetInt64());
        Assert.Null(rest.GetProperty("cursor").GetString());
    }

    [Fact]
    public async Task Interests_are_kept_until_they_are_deleted()
    {
        var user = SocialCalls.NewUser();
        Assert.Equal("null", (await Http.JsonAsync($"/api/users/{user}/interests")).GetRawText());
        await Http.DoneAsync(HttpMethod.Put, $"/api/users/{user}/interests", """["new-post","like","like"]""");
        Assert.Equal("""["like","new-post"]""", (await Http.JsonAsync($"/api/users/{user}/interests")).GetRawText());
        await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{user}/interests");
        Assert.Equal("null", (await Http.JsonAsync($"/api/users/{user}/interests")).GetRawText());
    }

    [Fact]
    public async Task What_a_user_does_not_want_is_not_published()
    {
        var (user, muted) = (SocialCalls.NewUser(), SocialCalls.NewUser("author"));
        await using var client = await Http.OpenUserAsync(user);
        var start = (await Http.NotifyAsync(user, """{"type":"start"}"""))!;
        await client.NextAsync();
        await Http.DoneAsync(HttpMethod.Put, $"/api/users/{user}/interests", """["like"]""");
        await Http.DoneAsync(HttpMethod.Put, $"/api/users/{user}/muted/{muted}");

        string[] data = ["""{"type":"like"}""", """{"type":"post"}""", "7", $$"""{"type":"like","authorId":"{{muted}}"}""", """{"type":"like","n":2}"""];
        var events = data.Select(one => $$"""{"topic":"notifications:{{user}}","data":{{one}}}""").Append("""{"topic":"another","data":8}""");
        using var response = await Http.SendAsync(HttpMethod.Post, "/api/publish", $"[{string.Join(',', events)}]");
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var answers = answer.RootElement.EnumerateArray().ToList();

        Assert.Equal([false, true, true, true, false, false], answers.Select(one => one.TryGetProperty("filtered", out var filtered) && filtered.GetBoolean()));
        Assert.Equal([false, true, true, true, false, false], answers.Select(one => one.GetProperty("id").GetString() is null));

        // Not even who wants everything again finds it.
        await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{user}/interests");
        await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{user}/muted/{muted}");
        await Http.NotifyAsync(user, "\"end\"");
        await using var again = await Http.OpenUserAsync(user, lastEventId: start);
        Assert.Equal([data[0], data[4], "\"end\""], await again.TakeDataAsync(3));
        Assert.Equal([data[0], data[4], "\"end\""], await client.TakeDataAsync(3));
    }

    [Fact]
    public async Task Interests_keep_posts_from_being_published_to_a_user()
    {
        var (author, likes, all) = (SocialCalls.NewUser("author"), SocialCalls.NewUser(), SocialCalls.NewUser());
        await Http.FollowAsync(author, likes);
        await Http.FollowAsync(author, all);
        await Http.DoneAsync(HttpMethod.Put, $"/api/users/{likes}/interests", """["like"]""");

        Assert.Equal(1, await Http.PostAsync(author, "p1"));

        Assert.EndsWith("-1", await Http.NotifyAsync(likes, """{"type":"like"}"""), StringComparison.Ordinal);
        Assert.EndsWith("-2", await Http.NotifyAsync(all, """{"type":"like"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interests_hold_for_open_streams_at_once_and_for_replays()
    {
        var user = SocialCalls.NewUser();
        await using var client = await Http.OpenUserAsync(user);
        var first = await Http.NotifyAsync(user, """{"type":"like","n":1}""");

        await Http.DoneAsync(HttpMethod.Put, $"/api/users/{user}/interests", """["new-post"]""");
        await Http.NotifyAsync(user, """{"type":"like","n":2}""");
        await Http.NotifyAsync(user, """{"type":"new-post","n":3}""");
        await using var resumed = await Http.OpenUserAsync(user, lastEventId: first);
        Assert.Equal("""{"type":"new-post","n":3}""", (await resumed.NextAsync()).Data);

        await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{user}/interests");
        await Http.NotifyAsync(user, """{"type":"like","n":4}""");

        Assert.Equal(["""{"type":"like","n":1}""", """{"type":"new-post","n":3}""", """{"type":"like","n":4}"""], await client.TakeDataAsync(3));
        Assert.Equal("""{"type":"like","n":4}""", (await resumed.NextAsync()).Data);
    }

    [Fact]
    public async Task Changes_of_interests_lose_and_repeat_nothing_of_what_is_wanted_before_and_after()
    {
        const int Events = 600;
        var user = SocialCalls.NewUser();
        await using var client = await Http.OpenUserAsync(user);

        var publishing = Task.Run(async () =>
        {
            for (var n = 0; n < Events; n++)
                await Http.NotifyAsync(user, $$"""{"type":"like","n":{{n}}}""");
        }, TestContext.Current.CancellationToken);
        for (var i = 0; !publishing.IsCompleted; i++)
        {
            if (i % 2 == 0)
                await Http.DoneAsync(HttpMethod.Put, $"/api/users/{user}/interests", """["like"]""");
            else
                await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{user}/interests");
        }

        await publishing;
        Assert.Equal(Enumerable.Range(0, Events).Select(n => $$"""{"type":"like","n":{{n}}}"""), await client.TakeDataAsync(Events));
    }

    [Fact]
    public async Task Nothing_of_a_muted_author_is_published_or_delivered()
    {
        var (author, user) = (SocialCalls.NewUser("author"), SocialCalls.NewUser());
        await Http.FollowAsync(author, user);
        await using var client = await Http.OpenUserAsync(user);

        await Http.DoneAsync(HttpMethod.Put, $"/api/users/{user}/muted/{author}");
        Assert.Equal([author], (await Http.JsonAsync($"/api/users/{user}/muted")).EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(0, await Http.PostAsync(author, "p1"));
        await Http.NotifyAsync(user, $$"""{"type":"comment","authorId":"{{author}}"}""");
        await Http.NotifyAsync(user, """{"type":"comment","authorId":5}""");
        await Http.DoneAsync(HttpMethod.Delete, $"/api/users/{user}/muted/{author}");
        Assert.Equal(1, await Http.PostAsync(author, "p2"));

        Assert.Equal(["""{"type":"comment","authorId":5}""", NewPost(author, "p2")], await client.TakeDataAsync(2));
    }

    private static string NewPost(string author, string post) => $$"""{"type":"new-post","postId":"{{post}}","authorId":"{{author}}"}""";
}

public sealed class SocialInMemoryTests(DirectInMemory api) : SocialContract(api), IClassFixture<DirectInMemory>;

public sealed class SocialOnRedisTests(DirectOnRedis api) : SocialContract(api), IClassFixture<DirectOnRedis>;
