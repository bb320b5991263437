using SseScaling.Tests.Social;
using SseScaling.Tests.Testing;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Cluster;

/// <summary>What is done to the streams of a cluster when a replica or Redis is gone, and in one process alone.</summary>
public sealed class ClusterFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_replica_is_said_not_to_confirm_until_it_is_known_to_be_gone()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var dying = await ApiProcess.StartAsync(redis);
        await using var staying = await ApiProcess.StartAsync(redis);
        await using var member = await ClusterMember.StartAsync(redis, replicas: 3);
        await using var lost = await dying.Http.OpenUserAsync("7");
        await using var kept = await staying.Http.OpenUserAsync("7");
        await kept.LiveAsync();
        await dying.SignalAsync("KILL");
        await lost.Ended.WaitAsync(Eventually.Deadline, Cancellation);

        var failure = await Assert.ThrowsAsync<SseUnavailableException>(() => member.Connections.JoinAsync(SseTarget.User("7"), "news", Cancellation));
        Assert.Contains("has not confirmed", failure.Message, StringComparison.Ordinal);
        Assert.Equal("7", Assert.Single(await member.Connections.ListAsync(SseTarget.All, Cancellation)).User);

        await member.KnowsAsync(2);
        await member.Connections.DisconnectAsync(SseTarget.User("7"), cancellationToken: Cancellation);
        await kept.Ended.WaitAsync(Eventually.Deadline, Cancellation);
        Assert.Empty(await member.Connections.ListAsync(SseTarget.All, Cancellation));
    }

    [Fact]
    public async Task What_a_killed_replica_left_in_the_register_is_dropped()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var member = await ClusterMember.StartAsync(redis, replicas: 1);

        // Of a replica that is gone, and of this one's name before its present process, which is as old as the tests' run.
        var longAgo = DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeMilliseconds();
        await redis.CliAsync("ZADD", "sse:user:{u=7}", $"{longAgo}", "gone/1", $"{longAgo}", $"{member.Connections.Replica.Instance}/999");

        Assert.Equal(0, await member.Connections.CountAsync(SseTarget.User("7"), Cancellation));
        Assert.Equal("0", await redis.CliAsync("EXISTS", "sse:user:{u=7}"));
    }

    [Fact]
    public async Task Redis_that_lost_everything_is_told_of_the_open_streams_again()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var holder = await ClusterMember.StartAsync(redis, replicas: 1);
        await using var member = await ClusterMember.StartAsync(redis, replicas: 2);
        holder.Open("7", StreamPlan.Of(["news"]));
        await Eventually.TrueAsync(async () => await redis.CliAsync("ZCARD", "sse:user:{u=7}") == "1", "the stream is registered");

        await redis.KillAsync();
        await Assert.ThrowsAsync<SseUnavailableException>(() => member.Connections.DisconnectAsync(SseTarget.User("nobody"), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<SseUnavailableException>(() => member.Connections.CountAsync(SseTarget.User("7"), Cancellation));
        holder.Open("8", StreamPlan.Of(["news"]));
        await redis.StartAsync();

        await Eventually.TrueAsync(
            async () => (await redis.CliAsync("ZCARD", "sse:user:{u=7}"), await redis.CliAsync("ZCARD", "sse:user:{u=8}")) == ("1", "1"), "both streams are registered");
        await Eventually.TrueAsync(() => member.Connections.Replicas.Sum(replica => replica.Users) == 2, "the other replica has told its users");
        Assert.Equal(1, await member.Connections.CountAsync(SseTarget.User("8"), Cancellation));
        Assert.Equal(2, await member.Connections.CountUsersAsync(Cancellation));
    }

    [Theory]
    [InlineData("true", "0", "1")]
    [InlineData("false", "0", "0")]
    [InlineData("false", "5", "1")]
    public async Task Streams_are_registered_where_something_needs_it(string trackUsers, string limit, string registered)
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var member = await ClusterMember.StartAsync(redis, 1, ("Sse:TrackUsers", trackUsers), ("Sse:MaxStreamsPerUser", limit));
        member.Open("7", StreamPlan.Of(["news"]));

        // By the time that it has heard of another replica, which takes many turns, it has written what it writes.
        await using (await ClusterMember.StartAsync(redis, replicas: 2))
            await member.KnowsAsync(2);

        Assert.Equal(registered, await redis.CliAsync("ZCARD", "sse:user:{u=7}"));
        Assert.Equal(1, await member.Connections.CountAsync(SseTarget.User("7"), Cancellation));
    }

    [Fact]
    public async Task One_process_alone_does_all_of_it()
    {
        await using var member = await ClusterMember.StartAsync(redis: null, replicas: 1);
        var (stream, other) = (member.Open("7", StreamPlan.Of(["news"])), member.Open("8", StreamPlan.Of(["news"])));

        await member.Connections.JoinAsync(SseTarget.User("7"), "more", Cancellation);
        Assert.Equal(["news", "more"], stream.TopicNames);
        Assert.Equal(["7", "8"], (await member.Connections.ListAsync(SseTarget.Topic("news"), Cancellation)).Select(connection => connection.User));
        await member.Connections.LeaveAsync(SseTarget.All, "more", Cancellation);
        Assert.Equal(["news"], stream.TopicNames);
        await member.Connections.DisconnectAsync(SseTarget.User("7"), forGood: true, Cancellation);

        Assert.Equal((true, SseDisconnectReason.Ended, false), (stream.Connection.IsEnding, stream.Connection.Reason, other.Connection.IsEnding));
        await Eventually.TrueAsync(() => stream.Connection.IsEnded, "the client took the farewell");
        Assert.Equal((1, 1), (member.Connections.Count, await member.Connections.CountUsersAsync(Cancellation)));
        Assert.Equal(
            (0, 1), (await member.Connections.CountAsync(SseTarget.User("7"), Cancellation), await member.Connections.CountAsync(SseTarget.User("8"), Cancellation)));
    }
}
