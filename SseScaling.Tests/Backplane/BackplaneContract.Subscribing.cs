using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Backplane;

public abstract partial class BackplaneContract
{
    [Fact]
    public async Task A_receiver_gets_nothing_after_the_unsubscribe_and_the_next_one_gets_the_rest()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();
        var first = await host.SubscribeAsync(topic);
        await host.PublishAsync(Drafts.Draft(topic, "1"));
        Assert.Equal(1, (await first.NextAsync()).Number());

        await host.Backplane.UnsubscribeAsync(topic);
        await host.PublishAsync(Drafts.Draft(topic, "2"));
        var second = await host.SubscribeAsync(topic);
        await host.PublishAsync(Drafts.Draft(topic, "3"));

        Assert.Equal(3, (await second.NextAsync()).Number());
        Assert.Equal(0, first.Waiting);
    }

    [Fact]
    public async Task A_late_unsubscribe_never_removes_a_newer_subscription()
    {
        var topic = Drafts.NewTopic();
        await using var host = await StartAsync();
        var receiver = await host.SubscribeAsync(topic);

        for (var round = 0; round < 200; round++)
        {
            var unsubscribing = host.Backplane.UnsubscribeAsync(topic);
            var next = new CollectingReceiver();
            await host.Backplane.SubscribeAsync(topic, next, Cancellation);
            var published = await host.PublishAsync(Drafts.Draft(topic));
            await unsubscribing;
            Assert.Equal(published[0].Position, (await next.NextAsync()).Position);
            Assert.Equal(0, receiver.Waiting);
            receiver = next;
        }
    }

    [Fact]
    public async Task Subscribing_and_unsubscribing_from_many_threads_ends_as_the_last_call_said()
    {
        var topics = Enumerable.Range(0, 20).Select(_ => Drafts.NewTopic()).ToList();
        await using var host = await StartAsync();

        await Parallel.ForEachAsync(topics, Cancellation, async (topic, token) =>
        {
            var pending = new List<Task>();
            for (var round = 0; round < 30; round++)
            {
                pending.Add(host.Backplane.SubscribeAsync(topic, new CollectingReceiver(), token));
                pending.Add(host.Backplane.UnsubscribeAsync(topic));
            }
            var last = new CollectingReceiver();
            await host.Backplane.SubscribeAsync(topic, last, token);
            await Task.WhenAll(pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.All(pending, task => Assert.False(task.IsFaulted));
            await host.PublishAsync(Drafts.Draft(topic, "42"));
            Assert.Equal(42, (await last.NextAsync()).Number());
            Assert.Equal(0, last.Waiting);
        });
    }

    [Fact]
    public async Task Unsubscribing_an_absent_topic_does_nothing()
    {
        await using var host = await StartAsync();

        await host.Backplane.UnsubscribeAsync(Drafts.NewTopic());
    }

    [Fact]
    public async Task A_cancelled_subscribe_subscribes_nothing()
    {
        var topic = Drafts.NewTopic();
        var receiver = new CollectingReceiver();
        await using var host = await StartAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Backplane.SubscribeAsync(topic, receiver, new CancellationToken(canceled: true)));

        var other = await host.SubscribeAsync(topic);
        await host.PublishAsync(Drafts.Draft(topic, "1"));
        await other.NextAsync();
        Assert.Equal(0, receiver.Waiting);
    }

    [Fact]
    public async Task Cancelling_the_token_of_a_finished_subscribe_changes_nothing()
    {
        var topic = Drafts.NewTopic();
        var receiver = new CollectingReceiver();
        await using var host = await StartAsync();
        using var cancellation = new CancellationTokenSource();
        await host.Backplane.SubscribeAsync(topic, receiver, cancellation.Token);

        await cancellation.CancelAsync();
        await host.PublishAsync(Drafts.Draft(topic, "1"));

        Assert.Equal(1, (await receiver.NextAsync()).Number());
    }

    [Fact]
    public async Task Each_topic_has_its_own_receiver()
    {
        var topics = Enumerable.Range(0, 1_000).Select(_ => Drafts.NewTopic()).ToList();
        await using var host = await StartAsync();
        var receivers = await Task.WhenAll(topics.Select(host.SubscribeAsync));

        await host.PublishAsync([.. topics.Select(topic => Drafts.Draft(topic, $"\"{topic}\""))]);

        foreach (var (topic, receiver) in topics.Zip(receivers))
        {
            Assert.Equal($"\"{topic}\"", (await receiver.NextAsync()).Text());
            Assert.Equal(0, receiver.Waiting);
        }
    }

    public static TheoryData<string> HostileTopics =>
    [
        "a", "}", "}x", "{", "{}", "{}x", "{a}", "a}b", "a{b}c", "*", "h?llo", "[ab]", "\\", "a b", " ", "'\"", "\r\n", "\0", "ünï-日本-🎉",
        "sse:head:{t=a}", "notifications:42", "--", "$6", new string('t', 256),
    ];

    [Theory]
    [MemberData(nameof(HostileTopics))]
    public async Task Any_topic_name_and_any_bytes_pass_unchanged(string topic)
    {
        byte[][] payloads = [[], [0], [1], [1, (byte)'\n'], "\u0001a-1 0 - \nx"u8.ToArray(), "\r\n\r\ndata: x\n\n"u8.ToArray(), Everything()];
        await using var host = await StartAsync();
        var receiver = await host.SubscribeAsync(topic);
        var before = (await host.HeadAsync(topic)).Offset;

        var published = await host.PublishAsync([.. payloads.Select(payload => new SseEvent(topic, payload) { Key = $"{topic}{Guid.NewGuid()}" })]);

        Assert.Equal(payloads, (await receiver.TakeAsync(payloads.Length)).Select(envelope => envelope.Data.ToArray()));
        Assert.Equal(payloads, (await host.ReadAsync(topic, before)).Envelopes().Select(envelope => envelope.Data.ToArray()));
        Assert.Equal(published[^1].Position, await host.HeadAsync(topic));
        await host.Backplane.UnsubscribeAsync(topic);
    }

    /// <summary>64 KiB with every byte value in it.</summary>
    private static byte[] Everything() => [.. Enumerable.Range(0, 64 * 1024).Select(index => (byte)(index * 7 + index / 256))];
}
