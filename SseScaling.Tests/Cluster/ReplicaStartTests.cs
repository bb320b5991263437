using SseScaling.Tests.Testing;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Cluster;

/// <summary>Replicas that have just started.</summary>
public sealed class ReplicaStartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_stream_of_a_replica_that_nobody_has_heard_of_is_ended_from_another()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var member = await ClusterMember.StartAsync(redis, replicas: 1);
        await using var api = await ApiProcess.StartAsync(redis);

        // Asked before the directory is read again, two seconds after the last time.
        await using var stream = await SseClient.OpenAsync(api.Http, "/api/notifications?userId=7");
        await member.Connections.DisconnectAsync(SseTarget.User("7"), cancellationToken: Cancellation);

        await stream.Ended.WaitAsync(Eventually.Deadline, Cancellation);
    }

    [Fact]
    public async Task Two_replicas_of_one_process_hear_each_other()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var one = await ClusterMember.StartAsync(redis, replicas: 1);
        await using var other = await ClusterMember.StartAsync(redis, replicas: 2);
        one.Open("7", StreamPlan.Of(["news"]));

        Assert.Single(await other.Connections.ListAsync(SseTarget.Topic("news"), Cancellation));
    }
}
