using SseScaling.Protocol;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Backplane;

public abstract partial class BackplaneContract
{
    [Fact]
    public async Task A_topic_without_events_has_no_position_and_an_empty_history()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();

        var page = await host.ReadAsync(topic);

        Assert.Equal(EventPosition.None, await host.HeadAsync(topic));
        Assert.Equal(EventPosition.None, page.Head);
        Assert.Equal(1, page.First);
        Assert.Empty(page.Events);
    }

    [Theory]
    [InlineData(0, 1_000, 1, 500)]
    [InlineData(0, 7, 1, 7)]
    [InlineData(123, 100, 124, 223)]
    [InlineData(123, 64, 124, 187)]
    [InlineData(123, 128, 124, 251)]
    [InlineData(499, 10, 500, 500)]
    public async Task A_page_begins_behind_the_asked_offset_and_is_bounded_by_count(long after, int maxCount, int first, int last)
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();
        var published = await host.PublishAsync(Drafts.Numbered(topic, 500));

        var page = await host.ReadAsync(topic, after, maxCount);

        Assert.Equal(published[^1].Position, page.Head);
        Assert.Equal(1, page.First);
        Assert.Equal(Enumerable.Range(first, last - first + 1), page.Envelopes().Select(Drafts.Number));
        Assert.Equal(published.Skip(first - 1).Take(last - first + 1).Select(result => result.Position), page.Envelopes().Select(envelope => envelope.Position));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(long.MaxValue)]
    public async Task A_page_behind_the_head_is_empty(long after)
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();
        await host.PublishAsync(Drafts.Numbered(topic, 500));

        var page = await host.ReadAsync(topic, after);

        Assert.Equal(500, page.Head.Offset);
        Assert.Empty(page.Events);
    }

    [Fact]
    public async Task A_page_is_bounded_by_size_but_holds_at_least_one_event()
    {
        var topic = Drafts.NewTopic();
        var large = new string('x', 60_000);
        await using var host = await StartAsync();
        await host.PublishAsync([.. Enumerable.Range(0, 20).Select(_ => Drafts.Draft(topic, large))]);
        await host.PublishAsync(Drafts.Draft(topic, new string('y', 400_000)));

        var sizes = new List<int>();
        for (var after = 0L; after < 21;)
        {
            var page = await host.ReadAsync(topic, after);
            sizes.Add(page.Events.Count);
            Assert.Equal(after + 1, page.Envelopes().First().Position.Offset);
            after += page.Events.Count;
        }

        Assert.Equal([5, 5, 5, 5, 1], sizes);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(0, 1_001)]
    public async Task A_page_out_of_range_is_refused(long after, int maxCount)
    {
        await using var host = await StartAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => host.ReadAsync("t", after, maxCount));
    }

    [Fact]
    public async Task History_keeps_exactly_as_many_events_as_the_options_say()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync(("History:Length", "10"));

        await host.PublishAsync(Drafts.Numbered(topic, 275));

        var page = await host.ReadAsync(topic);
        Assert.Equal(266, page.First);
        Assert.Equal(275, page.Head.Offset);
        Assert.Equal(Enumerable.Range(266, 10), page.Envelopes().Select(Drafts.Number));
    }

    [Fact]
    public async Task An_idle_topic_loses_its_events_but_not_its_position()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync(("History:Idle", "00:00:00.400"));
        var first = await host.PublishAsync(Drafts.Numbered(topic, 3));

        await Eventually.TrueAsync(async () => (await host.ReadAsync(topic)).Events.Count == 0, "the history expired");

        var page = await host.ReadAsync(topic);
        Assert.Equal(first[^1].Position, page.Head);
        Assert.Equal(4, page.First);
        var next = await host.PublishAsync(Drafts.Draft(topic));
        Assert.Equal(first[^1].Position with { Offset = 4 }, next[0].Position);
        Assert.Equal(4, (await host.ReadAsync(topic)).First);
    }

    [Fact]
    public async Task An_event_prolongs_the_life_of_the_earlier_ones()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync(("History:Idle", "00:00:01"));
        await host.PublishAsync(Drafts.Draft(topic));
        var first = TimeProvider.System.GetTimestamp();

        var kept = 0;
        while (TimeProvider.System.GetElapsedTime(first) < TimeSpan.FromSeconds(1.5))
        {
            await host.PublishAsync(Drafts.Draft(topic));
            kept = (await host.ReadAsync(topic)).Events.Count;
            await Task.Delay(50, Cancellation);
        }

        Assert.Equal((await host.HeadAsync(topic)).Offset, kept);
    }

    [Fact]
    public async Task A_topic_whose_position_expired_begins_a_new_epoch()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync(("History:Idle", "00:00:00.200"), ("History:PositionIdle", "00:00:00.400"));
        var first = await host.PublishAsync(Drafts.Numbered(topic, 5));

        await Eventually.TrueAsync(async () => (await host.HeadAsync(topic)).IsNone, "the position expired");

        Assert.Equal(EventPosition.None, (await host.ReadAsync(topic)).Head);
        var second = await host.PublishAsync(Drafts.Draft(topic));
        Assert.Equal(1, second[0].Position.Offset);
        Assert.NotEqual(first[0].Position.Epoch, second[0].Position.Epoch);
    }

    [Fact]
    public async Task Heads_of_many_topics_stand_in_the_order_asked()
    {
        var topics = Enumerable.Range(0, 1_500).Select(_ => Drafts.NewTopic()).ToList();
        await using var host = await StartAsync();
        var published = await host.PublishAsync([.. topics.Where((_, index) => index % 3 == 0).Select(topic => Drafts.Draft(topic))]);

        var heads = await host.Backplane.ReadHeadsAsync(topics, Cancellation);

        Assert.Equal(topics.Select((_, index) => index % 3 == 0 ? published[index / 3].Position : EventPosition.None), heads);
        Assert.Empty(await host.Backplane.ReadHeadsAsync([], Cancellation));
    }

    [Fact]
    public async Task Two_topics_made_at_once_differ_in_epoch()
    {
        var topics = Enumerable.Range(0, 50).Select(_ => Drafts.NewTopic()).ToList();
        await using var host = await StartAsync();

        var published = await host.PublishAsync([.. topics.Select(topic => Drafts.Draft(topic))]);

        Assert.Equal(50, published.Select(result => result.Position.Epoch).Distinct().Count());
    }
}
