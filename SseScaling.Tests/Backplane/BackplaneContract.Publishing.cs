using System.Text;
using SseScaling.Protocol;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Backplane;

public abstract partial class BackplaneContract
{
    [Fact]
    public async Task Events_arrive_in_publish_order_with_consecutive_positions()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();
        var receiver = await host.SubscribeAsync(topic);

        var published = await host.PublishAsync(Drafts.Numbered(topic, 2_000));

        var received = await receiver.TakeAsync(2_000);
        Assert.Equal(Enumerable.Range(1, 2_000), received.Select(Drafts.Number));
        Assert.Equal(Enumerable.Range(1, 2_000).Select(offset => (long)offset), published.Select(result => result.Position.Offset));
        Assert.Equal(published.Select(result => result.Position), received.Select(envelope => envelope.Position));
        Assert.Single(published.Select(result => result.Position.Epoch).Distinct());
    }

    [Fact]
    public async Task Publishers_at_the_same_time_get_positions_without_holes_and_subscribers_see_them_in_order()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();
        var receiver = await host.SubscribeAsync(topic);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.PublishAsync(Drafts.Numbered(topic, 100))));

        var offsets = Enumerable.Range(1, 800).Select(offset => (long)offset).ToList();
        Assert.Equal(offsets, results.SelectMany(result => result).Select(result => result.Position.Offset).Order());
        Assert.Equal(offsets, (await receiver.TakeAsync(800)).Select(envelope => envelope.Position.Offset));
    }

    [Fact]
    public async Task One_call_serves_many_topics_and_returns_its_results_in_order()
    {
        var topics = Enumerable.Range(0, 700).Select(_ => Drafts.NewTopic()).ToList();
        await using var host = await StartAsync();

        var published = await host.PublishAsync([.. topics.Concat(topics).Select(topic => Drafts.Draft(topic))]);

        Assert.Equal(Enumerable.Repeat(1L, 700).Concat(Enumerable.Repeat(2L, 700)), published.Select(result => result.Position.Offset));
        Assert.Equal(published.Skip(700).Select(result => result.Position), await host.Backplane.ReadHeadsAsync(topics, Cancellation));
    }

    [Fact]
    public async Task The_same_event_for_many_topics_takes_its_place_in_each_of_them_once()
    {
        var topics = Enumerable.Range(0, 700).Select(_ => Drafts.NewTopic()).ToList();
        await using var host = await StartAsync();
        await host.PublishAsync(Drafts.Numbered(topics[69], 4));
        var draft = Drafts.Draft("", "42", "post-1");
        var receiver = await host.SubscribeAsync(topics[69]);

        var first = await host.PublishAsync([.. topics.Select(topic => draft with { Topic = topic })]);
        var second = await host.PublishAsync([.. topics.Select(topic => draft with { Topic = topic }), Drafts.Draft(topics[69], "43")]);

        Assert.Equal(topics.Select(topic => topic == topics[69] ? 5L : 1L), first.Select(result => result.Position.Offset));
        Assert.Equal(first.Select(result => new PublishedEvent(result.Position, Repeated: true)), second.SkipLast(1));
        Assert.Equal([42, 43], (await receiver.TakeAsync(2)).Select(Drafts.Number));
        Assert.Equal(6, second[^1].Position.Offset);
        Assert.Equal("42", Assert.Single((await host.ReadAsync(topics[^1])).Envelopes()).Text());
    }

    [Fact]
    public async Task The_same_event_for_many_topics_need_not_be_kept()
    {
        var topics = Enumerable.Range(0, 100).Select(_ => Drafts.NewTopic()).ToList();
        await using var host = await StartAsync();
        var receivers = await Task.WhenAll(topics.Select(host.SubscribeAsync));
        var draft = Drafts.Draft("", "42", durable: false);

        var published = await host.PublishAsync([.. topics.Select(topic => draft with { Topic = topic })]);

        Assert.All(published, result => Assert.True(result.Position.IsNone));
        foreach (var receiver in receivers)
            Assert.Equal([42], (await receiver.TakeAsync(1)).Select(Drafts.Number));
    }

    [Fact]
    public async Task An_envelope_carries_name_time_and_data_unchanged()
    {
        var topic = Drafts.NewTopic();
        var data = "{\"text\":\"line\\nbreak \u0001 ünï 日本 🎉\"}";
        await using var host = await StartAsync();
        var receiver = await host.SubscribeAsync(topic);
        var before = DateTimeOffset.UtcNow;

        await host.PublishAsync(Drafts.Draft(topic, data) with { Type = "new-post" });

        var envelope = await receiver.NextAsync();
        Assert.Equal(data, envelope.Text());
        Assert.Equal("new-post", Encoding.UTF8.GetString(envelope.EventName.Span));
        Assert.Empty(envelope.TraceParent.ToArray());
        var published = DateTimeOffset.UnixEpoch.AddMicroseconds(envelope.PublishedMicros);
        Assert.InRange(published, before.AddMilliseconds(-1), DateTimeOffset.UtcNow.AddMilliseconds(1));
    }

    [Fact]
    public async Task Events_that_are_not_durable_arrive_without_a_position_and_are_not_kept()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();
        var receiver = await host.SubscribeAsync(topic);

        var published = await host.PublishAsync(Drafts.Draft(topic, "1", durable: false), Drafts.Draft(topic, "2"), Drafts.Draft(topic, "3", durable: false));

        var received = await receiver.TakeAsync(3);
        Assert.Equal([1, 2, 3], received.Select(Drafts.Number));
        Assert.Equal([false, true, false], received.Select(envelope => envelope.IsDurable));
        Assert.Equal([true, false, true], published.Select(result => result.Position.IsNone));
        Assert.Equal([2], (await host.ReadAsync(topic)).Envelopes().Select(Drafts.Number));
    }

    [Fact]
    public async Task An_event_with_a_known_key_is_not_published_again_and_gets_the_first_position()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();
        var receiver = await host.SubscribeAsync(topic);

        var first = await host.PublishAsync(Drafts.Draft(topic, "1", key: "k"), Drafts.Draft(topic, "2", key: "other"));
        var again = await host.PublishAsync(Drafts.Draft(topic, "3", key: "k"), Drafts.Draft(topic, "4"));

        Assert.Equal(new PublishedEvent(first[0].Position, Repeated: true), again[0]);
        Assert.Equal([false, false, true, false], first.Concat(again).Select(result => result.Repeated));
        Assert.Equal([1, 2, 4], (await receiver.TakeAsync(3)).Select(Drafts.Number));
        Assert.Equal([1, 2, 4], (await host.ReadAsync(topic)).Envelopes().Select(Drafts.Number));
    }

    [Fact]
    public async Task A_key_works_within_one_call_and_for_events_that_are_not_durable()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();
        var receiver = await host.SubscribeAsync(topic);

        var published = await host.PublishAsync(
            Drafts.Draft(topic, "1", key: "k", durable: false), Drafts.Draft(topic, "2", key: "k"), Drafts.Draft(topic, "3"));

        Assert.Equal(new PublishedEvent(EventPosition.None, Repeated: true), published[1]);
        Assert.Equal([1, 3], (await receiver.TakeAsync(2)).Select(Drafts.Number));
    }

    [Theory]
    [InlineData("a", "b}c", "a}b", "c")]
    [InlineData("a", "k", "b", "k")]
    [InlineData("1:{t=a}", "k", "a", "}k")]
    public async Task Keys_of_different_topics_are_never_mistaken_for_each_other(string topic, string key, string otherTopic, string otherKey)
    {
        var prefix = Drafts.NewTopic();
        await using var host = await StartAsync();

        var published = await host.PublishAsync(Drafts.Draft(prefix + topic, key: key), Drafts.Draft(prefix + otherTopic, key: otherKey));

        Assert.All(published, result => Assert.False(result.Repeated));
    }

    [Fact]
    public async Task A_key_is_forgotten_after_its_lifetime()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync(("History:KeyLifetime", "00:00:00.300"));
        await host.PublishAsync(Drafts.Draft(topic, key: "k"));

        await Eventually.TrueAsync(async () => !(await host.PublishAsync(Drafts.Draft(topic, key: "k")))[0].Repeated, "the key is forgotten");

        Assert.Equal(2, (await host.HeadAsync(topic)).Offset);
    }
}
