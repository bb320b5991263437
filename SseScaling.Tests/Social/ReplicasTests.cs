using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>The social patterns on two replicas and one Redis.</summary>
public sealed class ReplicasTests(TwoReplicas replicas) : IClassFixture<TwoReplicas>
{
    private HttpClient One => replicas.One.Http;

    private HttpClient Other => replicas.Other.Http;

    [Fact]
    public async Task Followers_on_both_replicas_get_a_post_of_either()
    {
        var (author, a, b) = (SocialCalls.NewUser("author"), SocialCalls.NewUser(), SocialCalls.NewUser());
        await One.FollowAsync(author, a);
        await Other.FollowAsync(author, b);
        await using var first = await One.OpenUserAsync(a);
        await using var second = await Other.OpenUserAsync(b);

        Assert.Equal(2, await One.PostAsync(author, "p1"));
        Assert.Equal(2, await Other.PostAsync(author, "p2"));

        foreach (var client in new[] { first, second })
            Assert.Equal(["p1", "p2"], (await client.TakeDataAsync(2)).Select(data => data.Split('"')[7]));
    }

    [Fact]
    public async Task Interests_set_on_one_replica_reach_the_open_streams_of_the_other()
    {
        var user = SocialCalls.NewUser();
        await using var client = await One.OpenUserAsync(user);
        await Other.DoneAsync(HttpMethod.Put, $"/api/users/{user}/interests", """["like"]""");

        // The notice takes its moment to the other replica: from some event on, all are held back.
        var n = 0;
        await Eventually.TrueAsync(async () =>
        {
            await Other.NotifyAsync(user, """{"type":"poke"}""");
            await Other.NotifyAsync(user, $$"""{"type":"like","n":{{++n}}}""");
            return (await client.TakeUntilAsync($$"""{"type":"like","n":{{n}}}""")).Count == 1;
        }, "the other replica follows the interests");
    }
}

/// <summary>Two replicas with one Redis.</summary>
public class TwoReplicas : IAsyncLifetime
{
    private readonly (string Name, string Value)[] _settings;
    private ApiProcess? _one;
    private ApiProcess? _other;

    public TwoReplicas()
        : this([])
    {
    }

    protected TwoReplicas(params (string Name, string Value)[] settings) => _settings = [("Sse__Heartbeat", "00:00:01"), .. settings];

    public RedisServer Redis { get; } = new();

    public ApiProcess One => _one!;

    public ApiProcess Other => _other!;

    public async ValueTask InitializeAsync()
    {
        await Redis.StartAsync();
        _one = await ApiProcess.StartAsync(Redis, _settings);
        _other = await ApiProcess.StartAsync(Redis, _settings);
        await _one.HealthyAsync();
        await _other.HealthyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_one is { } one)
            await one.DisposeAsync();
        if (_other is { } other)
            await other.DisposeAsync();
        await Redis.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
