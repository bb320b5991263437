using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>Who is online, in one process and on two replicas of which one dies.</summary>
public sealed class PresenceTests(DirectInMemory memory) : IClassFixture<DirectInMemory>
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task One_process_knows_its_own_streams()
    {
        var user = SocialCalls.NewUser();
        Assert.Equal(0, await StreamsAsync(memory.Http, user));
        await using (await memory.Http.OpenUserAsync(user))
        {
            Assert.Equal(1, await StreamsAsync(memory.Http, user));
            await using var second = await memory.Http.OpenUserAsync(user);
            Assert.Equal(2, await StreamsAsync(memory.Http, user));
            Assert.Equal(1, (await memory.Http.JsonAsync("/api/presence")).GetProperty("users").GetInt32());
        }

        await Eventually.TrueAsync(async () => await StreamsAsync(memory.Http, user) == 0, "the user is offline");
    }

    [Fact]
    public async Task A_user_form_that_is_unknown_is_refused()
    {
        using var response = await memory.Http.SendAsync(HttpMethod.Get, "/api/presence?userId=a%20b");
        Assert.Contains("unknown here", await response.DetailAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_of_a_killed_replica_are_offline_within_ten_seconds_and_the_others_stay_online()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var dying = await ApiProcess.StartAsync(redis);
        await using var staying = await ApiProcess.StartAsync(redis);
        await dying.HealthyAsync();
        await staying.HealthyAsync();
        var (lost, both) = (SocialCalls.NewUser(), SocialCalls.NewUser());
        await using var one = await dying.Http.OpenUserAsync(lost);
        await using var two = await dying.Http.OpenUserAsync(both);
        await using var three = await staying.Http.OpenUserAsync(both);
        await Eventually.TrueAsync(
            async () => (await StreamsAsync(staying.Http, lost), await StreamsAsync(dying.Http, both)) == (1, 2), "both replicas know all streams");

        await dying.SignalAsync("KILL");

        await Eventually.TrueAsync(
            async () => (await StreamsAsync(staying.Http, lost), await StreamsAsync(staying.Http, both)) == (0, 1), "the killed replica's users are offline", Promise);
        Assert.Equal(1, (await staying.Http.JsonAsync("/api/presence")).GetProperty("users").GetInt32());
    }

    private static async Task<int> StreamsAsync(HttpClient http, string user)
    {
        var answer = await http.JsonAsync($"/api/presence?userId={user}");
        Assert.Equal(answer.GetProperty("streams").GetInt32() > 0, answer.GetProperty("online").GetBoolean());
        return answer.GetProperty("streams").GetInt32();
    }
}
