using System.Globalization;
using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Http;

public abstract partial class StreamContract
{
    [Fact]
    public async Task Events_published_while_a_client_was_away_arrive_once_and_in_order()
    {
        var topic = Drafts.NewTopic();
        string id;
        await using (var client = await SseClient.OpenTopicsAsync(Http, topic))
        {
            await Http.PublishNumbersAsync(topic, 1, 3);
            id = (await client.TakeAsync(3))[^1].EventId!;
        }

        await Http.PublishNumbersAsync(topic, 4, 700);
        await using var resumed = await SseClient.OpenAsync(Http, SseClient.Target(topic), id);
        await Http.PublishNumbersAsync(topic, 704, 10);

        Assert.Equal(ApiCalls.Numbers(4, 710), await resumed.TakeDataAsync(710));
    }

    [Fact]
    public async Task The_query_resumes_as_well_and_the_header_wins()
    {
        var topic = Drafts.NewTopic();
        var ids = await Http.PublishNumbersAsync(topic, 1, 3);

        await using var query = await SseClient.OpenAsync(Http, $"{SseClient.Target(topic)}&lastEventId={ids[0]}");
        await using var both = await SseClient.OpenAsync(Http, $"{SseClient.Target(topic)}&lastEventId={ids[0]}", ids[1]);

        Assert.Equal(["2", "3"], await query.TakeDataAsync(2));
        Assert.Equal(["3"], await both.TakeDataAsync(1));
    }

    [Theory]
    [InlineData("", "Last-Event-ID: end")]
    [InlineData("&lastEventId=end", "X-Other: 1")]
    public async Task A_client_whose_stream_was_ended_for_good_is_answered_204_and_the_connection_survives(string query, string field)
    {
        await using var connection = await RawConnection.GetAsync(Api.Port, SseClient.Target("a", "b") + query, field);

        Assert.StartsWith("HTTP/1.1 204 ", await connection.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        await connection.SendGetAsync("/alive");
        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_dropped_before_the_first_event_of_a_topic_resumes_from_its_beginning()
    {
        var topic = Drafts.NewTopic();
        await using (await SseClient.OpenTopicsAsync(Http, topic))
        {
        }

        await Http.PublishNumbersAsync(topic, 1, 300);
        await using var resumed = await SseClient.OpenAsync(Http, SseClient.Target(topic), "0-0");

        Assert.Equal(ApiCalls.Numbers(1, 300), await resumed.TakeDataAsync(300));
    }

    [Fact]
    public async Task A_client_that_missed_nothing_gets_nothing_twice()
    {
        var topic = Drafts.NewTopic();
        var ids = await Http.PublishNumbersAsync(topic, 1, 3);
        await using var resumed = await SseClient.OpenAsync(Http, SseClient.Target(topic), ids[2]);

        await Http.PublishAsync(topic, "4");

        Assert.Equal("4", (await resumed.NextAsync()).Data);
    }

    [Fact]
    public async Task Several_topics_resume_from_one_id_whatever_their_order_and_new_ones_begin_live()
    {
        var (a, b, c, added) = (Drafts.NewTopic("a"), Drafts.NewTopic("b"), Drafts.NewTopic("c"), Drafts.NewTopic("added"));
        await Http.PublishNumbersAsync(added, 900, 3);
        string id;
        await using (var client = await SseClient.OpenTopicsAsync(Http, a, b, c))
        {
            await Http.PublishNumbersAsync(a, 100, 3);
            await Http.PublishNumbersAsync(b, 200, 3);
            await client.TakeAsync(6);
            id = client.LastEventId;
        }

        await Http.PublishNumbersAsync(b, 203, 20);
        await Http.PublishNumbersAsync(a, 103, 20);
        await Http.PublishNumbersAsync(c, 300, 20);
        await using var resumed = await SseClient.OpenAsync(Http, SseClient.Target(c, added, a), id);
        await Http.PublishAsync(added, "999");

        var received = await resumed.TakeDataAsync(41);
        Assert.Equal(ApiCalls.Numbers(103, 20), received.Where(data => data[0] == '1'));
        Assert.Equal(ApiCalls.Numbers(300, 20), received.Where(data => data[0] == '3'));
        Assert.Equal(["999"], received.Where(data => data[0] == '9'));

        // The new id stands behind all of it, for one of the topics alone as well.
        await Http.PublishAsync(c, "320");
        await resumed.TakeUntilAsync("320");
        await using var again = await SseClient.OpenAsync(Http, SseClient.Target(a, c), resumed.LastEventId);
        await Http.PublishAsync(a, "123");
        Assert.Equal("123", (await again.NextAsync()).Data);
    }

    [Fact]
    public async Task A_filter_and_a_resume_go_together_and_events_left_out_are_not_replayed()
    {
        var topic = Drafts.NewTopic();
        var target = SseClient.Target(topic) + "&types=like";
        string id;
        await using (var client = await SseClient.OpenAsync(Http, target))
        {
            await Http.PublishAsync(topic, """{"type":"like","n":1}""");
            var filtered = await Http.PublishAsync(topic, """{"type":"comment","n":2}""");
            await Eventually.TrueAsync(() => client.LastEventId == filtered, "a heartbeat carries the position");
            id = client.LastEventId;
        }

        await Http.PublishBodyAsync($"[{string.Join(',', Enumerable.Range(3, 100).Select(n => $"{{\"topic\":\"{topic}\",\"data\":{{\"type\":\"{(n % 2 == 0 ? "like" : "comment")}\",\"n\":{n}}}}}"))}]");
        await using var resumed = await SseClient.OpenAsync(Http, target, id);

        var numbers = (await resumed.TakeAsync(50)).Select(item => JsonDocument.Parse(item.Data).RootElement.GetProperty("n").GetInt32());
        Assert.Equal(Enumerable.Range(3, 100).Where(n => n % 2 == 0), numbers);
        await using var unfiltered = await SseClient.OpenAsync(Http, SseClient.Target(topic), id);
        Assert.Equal(100, (await unfiltered.TakeAsync(100)).Count);
    }

    [Fact]
    public async Task History_that_is_too_short_is_told_by_one_gap_with_its_bounds()
    {
        var topic = Drafts.NewTopic();
        var ids = await Http.PublishNumbersAsync(topic, 1, 1210);
        await using var resumed = await SseClient.OpenAsync(Http, SseClient.Target(topic), ids[9]);

        var gap = await resumed.NextAsync();
        Assert.Equal("gap", gap.EventType);
        AssertGap(gap.Data, topic, ids[10], ids[209]);
        Assert.Equal(ids[209], gap.EventId);
        Assert.Equal(ids[210..], (await resumed.TakeAsync(1000)).Select(item => item.EventId!));

        await using var again = await SseClient.OpenAsync(Http, SseClient.Target(topic), gap.EventId);
        Assert.Equal("211", (await again.NextAsync()).Data);
    }

    [Fact]
    public async Task A_gap_of_one_among_several_topics_names_it_and_leaves_the_others_complete()
    {
        var (a, b) = (Drafts.NewTopic("a"), Drafts.NewTopic("b"));
        string id;
        await using (var client = await SseClient.OpenTopicsAsync(Http, a, b))
        {
            await Http.PublishNumbersAsync(a, 1, 1);
            await Http.PublishNumbersAsync(b, 1, 1);
            await client.TakeAsync(2);
            id = client.LastEventId;
        }

        var ids = await Http.PublishNumbersAsync(a, 2, 1100);
        await Http.PublishNumbersAsync(b, 5002, 10);
        await using var resumed = await SseClient.OpenAsync(Http, SseClient.Target(a, b), id);

        var items = await resumed.TakeAsync(1011);
        var gap = Assert.Single(items, item => item.EventType == "gap");
        AssertGap(gap.Data, a, ids[0], ids[99]);
        var numbers = items.Where(item => item.EventType == "message").Select(item => int.Parse(item.Data, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Enumerable.Range(102, 1000), numbers.Where(number => number < 5000));
        Assert.Equal(Enumerable.Range(5002, 10), numbers.Where(number => number > 5000));
    }

    [Fact]
    public async Task An_id_of_another_history_is_told_by_a_gap_and_all_that_is_kept_follows()
    {
        var topic = Drafts.NewTopic();
        var ids = await Http.PublishNumbersAsync(topic, 1, 3);
        await using var resumed = await SseClient.OpenAsync(Http, SseClient.Target(topic), "abc-5");

        AssertGap((await resumed.NextAsync()).Data, topic, "abc-6", null);
        Assert.Equal(ids, (await resumed.TakeAsync(3)).Select(item => item.EventId!));
    }

    [Fact]
    public async Task An_id_beyond_the_end_of_the_history_is_told_by_a_gap()
    {
        var topic = Drafts.NewTopic();
        var ids = await Http.PublishNumbersAsync(topic, 1, 3);
        await using var resumed = await SseClient.OpenAsync(Http, SseClient.Target(topic), ids[2].Split('-')[0] + "-99");

        AssertGap((await resumed.NextAsync()).Data, topic, null, ids[2]);
        await Http.PublishAsync(topic, "4");
        Assert.Equal("4", (await resumed.NextAsync()).Data);
    }

    [Fact]
    public async Task An_id_of_a_topic_that_has_no_history_is_told_by_a_gap()
    {
        var topic = Drafts.NewTopic();
        await using var resumed = await SseClient.OpenAsync(Http, SseClient.Target(topic), "abc-5");

        AssertGap((await resumed.NextAsync()).Data, topic, "abc-6", null);
        await Http.PublishAsync(topic, "1");
        Assert.Equal("1", (await resumed.NextAsync()).Data);
    }

    [Fact]
    public async Task Clients_that_resume_again_and_again_on_a_busy_topic_get_everything_once_and_in_order()
    {
        const int Events = 3_000;
        var topic = Drafts.NewTopic("busy");
        await Http.PublishAsync(topic, "0");
        var positions = new int[8];
        var readers = Enumerable.Range(0, positions.Length).Select(reader => ReadInPiecesAsync(topic, reader, positions, Events)).ToList();

        // Never so far ahead of the slowest reader that history would be too short.
        for (var next = 1; next <= Events; next += 20)
        {
            await Eventually.TrueAsync(() => next - positions.Min() < 600 || readers.Exists(reader => reader.IsFaulted), "the readers follow", TimeSpan.FromSeconds(60));
            await Http.PublishNumbersAsync(topic, next, 20);
        }

        foreach (var received in await Task.WhenAll(readers))
            Assert.Equal(ApiCalls.Numbers(1, Events), received);
    }

    private async Task<List<string>> ReadInPiecesAsync(string topic, int reader, int[] positions, int events)
    {
        var random = new Random(reader);
        var other = Drafts.NewTopic("other");
        var received = new List<string>();
        string? id = null;
        while (received.Count < events)
        {
            var target = reader % 2 == 0 ? SseClient.Target(topic) : SseClient.Target(other, topic);
            await using var client = id is null ? await FromTheBeginningAsync(topic, target) : await SseClient.OpenAsync(Http, target, id);
            foreach (var item in await client.TakeAsync(Math.Min(random.Next(1, 400), events - received.Count)))
            {
                if (item.Data == "0")
                    continue;
                received.Add(item.EventType == "message" ? item.Data : item.EventType + item.Data);
                id = item.EventId;
            }

            positions[reader] = received.Count;
        }

        return received;
    }

    private async Task<SseClient> FromTheBeginningAsync(string topic, string target)
    {
        if (target == SseClient.Target(topic))
            return await SseClient.OpenAsync(Http, target, "0-0");
        var tag = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(topic)))[..8];
        return await SseClient.OpenAsync(Http, target, $"{tag}.0-0");
    }

    private static void AssertGap(string data, string topic, string? from, string? to)
    {
        using var gap = JsonDocument.Parse(data);
        Assert.Equal(
            [("topic", topic), ("from", from), ("to", to)],
            gap.RootElement.EnumerateObject().Select(property => (property.Name, property.Value.GetString())));
    }
}
