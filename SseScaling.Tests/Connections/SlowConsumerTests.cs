using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Connections;

/// <summary>A client that does not read: bounded, ended with a reason, and nobody else notices. On both ways.</summary>
public sealed class SlowConsumerTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_client_that_exceeds_its_bound_is_ended_while_others_miss_nothing(string direct)
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__DirectSockets", direct), ("Sse__MaxQueuedBytes", "131072"));
        var topic = Drafts.NewTopic();
        await using var stalled = await RawConnection.GetAsync(api.Port, SseClient.Target(topic));
        await stalled.ReadUntilAsync(": connected");
        await using var reading = await SseClient.OpenTopicsAsync(api.Http, topic);

        var events = await SlowConsumers.PublishUntilLoggedAsync(api, topic, ": slow-consumer", reading);
        var id = await api.Http.PublishAsync(topic, "1");

        Assert.EndsWith($"-{events + 1}", id, StringComparison.Ordinal);
        Assert.Equal(id, (await reading.NextAsync()).EventId);
        Assert.Equal(1, api.Count(": slow-consumer"));
        await Eventually.TrueAsync(async () =>
        {
            var stats = await api.Http.StatsAsync();
            return stats.GetProperty("queueBytes").GetInt64() == 0 && stats.GetProperty("connections").GetInt32() == 1;
        }, "nothing is left of the client");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_client_for_which_little_waits_is_ended_when_it_takes_nothing_for_too_long(string direct)
    {
        await using var api = await ApiProcess.StartAsync(
            null, ("Sse__DirectSockets", direct), ("Sse__MaxQueuedBytes", "4194304"), ("Sse__WriteTimeout", "00:00:01"), ("Sse__Heartbeat", "00:00:01"));
        var topic = Drafts.NewTopic();
        await using var stalled = await RawConnection.GetAsync(api.Port, SseClient.Target(topic));
        await stalled.ReadUntilAsync(": connected");

        await SlowConsumers.PublishUntilQueuedAsync(api, topic);

        await api.LoggedAsync(": write-timeout");
        await Eventually.TrueAsync(async () => (await api.Http.StatsAsync()).GetProperty("queueBytes").GetInt64() == 0, "nothing is left of the client");
    }
}
