using System.Globalization;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>Posts to very many followers, written in the background.</summary>
public sealed class BackgroundFanOutTests
{
    private static readonly (string Name, string Value)[] Settings =
        [("Social__FanOut", "Write"), ("Social__TakeOverAfter", "00:00:02"), ("Sse__History__KeyLifetime", "00:30:00")];

    [Fact]
    public async Task A_post_in_the_background_reaches_every_follower_of_one_process()
    {
        await using var api = await ApiProcess.StartAsync(null, [.. Settings, ("Social__BackgroundFollowers", "0")]);
        var (author, user) = (SocialCalls.NewUser("author"), SocialCalls.NewUser());
        await api.Http.FollowAsync(author, user);
        await using var client = await api.Http.OpenUserAsync(user);

        Assert.Equal(1, await api.Http.PostAsync(author, "p1"));

        Assert.Contains("\"p1\"", (await client.NextAsync()).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_replicas_fan_out_to_100000_followers_is_finished_by_another_without_repeats_and_in_bounded_memory()
    {
        const int Followers = 100_000;
        const long MemoryBound = 128 << 20;
        await using var redis = await RedisServer.StartNewAsync();
        await using var dying = await ApiProcess.StartAsync(redis, Settings);
        await dying.HealthyAsync();
        await redis.CliAsync("EVAL", "for i = 0, ARGV[1] - 1 do redis.call('ZADD', KEYS[1], 0, string.format('f%06d', i)) end", "1", "sse:followers:{a=star}", $"{Followers}");
        await using var last = await dying.Http.OpenUserAsync("f099999");

        Assert.Equal(Followers, await dying.Http.PostAsync("star", "p1"));
        await Eventually.TrueAsync(async () => await ServedAsync(redis) is > 2_000 and < 90_000, "the fan-out is in its midst");
        await dying.SignalAsync("KILL");
        var left = await ServedAsync(redis);
        Assert.InRange(left, 1, Followers - 1);

        await using var staying = await ApiProcess.StartAsync(redis, Settings);
        await staying.HealthyAsync();
        await using var client = await staying.Http.OpenUserAsync("f099999");
        var before = await MemoryAsync(staying);
        var most = before;
        await Eventually.TrueAsync(async () =>
        {
            most = Math.Max(most, await MemoryAsync(staying));
            return await redis.CliAsync("XLEN", "sse:fanout") == "0";
        }, "another replica finishes the fan-out", TimeSpan.FromSeconds(120));

        Assert.Equal(1, staying.Count("was left unfinished by another replica"));
        Assert.Contains("\"p1\"", (await client.NextAsync()).Data, StringComparison.Ordinal);
        Assert.InRange(most - before, 0, MemoryBound);
        const string CountOnes = "local n = 0 for i = ARGV[1], ARGV[2] do if redis.call('XLEN', string.format('sse:stream:{t=notifications:f%06d}', i)) == 1 then n = n + 1 end end return n";
        Assert.Equal($"{Followers}", await redis.CliAsync("EVAL", CountOnes, "0", "0", $"{Followers - 1}"));
        Assert.Equal("0", await redis.CliAsync("EXISTS", "sse:fanout:progress"));
    }

    /// <summary>How many followers the only job has served, by the name of the last one.</summary>
    private static async Task<int> ServedAsync(RedisServer redis) =>
        await redis.CliAsync("HVALS", "sse:fanout:progress") is { Length: > 1 } name ? int.Parse(name[1..], CultureInfo.InvariantCulture) + 1 : 0;

    private static async Task<long> MemoryAsync(ApiProcess api) =>
        (await api.Http.StatsAsync()).GetProperty("workingSetBytes").GetInt64();
}
