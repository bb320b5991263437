using SseScaling.Redis;
using SseScaling.Tests.Backplane;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Redis;

/// <summary>What one call of the publishing script for several topics must not change.</summary>
public sealed class SharedScriptTests
{
    [Fact]
    public async Task A_topic_whose_keys_are_spoilt_does_not_keep_the_event_from_the_others()
    {
        var topics = Enumerable.Range(0, 10).Select(_ => Drafts.NewTopic()).ToList();
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        await redis.CliAsync("SET", RedisKeys.Stream(topics[4]).ToString(), "no stream");
        await redis.CliAsync("SET", RedisKeys.Head(topics[4]).ToString(), "1-1");
        var draft = Drafts.Draft("", "42", "post-1");

        var failure = await Assert.ThrowsAsync<SseUnavailableException>(
            () => host.PublishAsync([.. topics.Select(topic => draft with { Topic = topic })]));

        Assert.Contains("WRONGTYPE", failure.Message, StringComparison.Ordinal);
        foreach (var topic in topics.Where(topic => topic != topics[4]))
            Assert.Equal("42", Assert.Single((await host.ReadAsync(topic)).Envelopes()).Text());
    }

    [Fact]
    public async Task In_a_cluster_every_topic_has_a_call_of_its_own()
    {
        var topics = Enumerable.Range(0, 200).Select(_ => Drafts.NewTopic()).ToList();
        await using var redis = new RedisServer { IsCluster = true };
        await redis.StartAsync();
        await using var host = await (await BackplaneHost.StartAsync(redis.ConnectionString)).ReadyAsync();
        var receiver = await host.SubscribeAsync(topics[^1]);
        var draft = Drafts.Draft("", "42", "post-1");

        var published = await host.PublishAsync([.. topics.Select(topic => draft with { Topic = topic })]);

        Assert.All(published, result => Assert.Equal(1, result.Position.Offset));
        Assert.Equal([42], (await receiver.TakeAsync(1)).Select(Drafts.Number));
    }
}
