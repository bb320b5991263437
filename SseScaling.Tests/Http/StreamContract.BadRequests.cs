using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Http;

public abstract partial class StreamContract
{
    public static TheoryData<string, string> BadTargets()
    {
        var tooMany = string.Join('&', Enumerable.Range(1, 101).Select(number => $"topic=t{number}"));
        var data = new TheoryData<string, string>
        {
            { "/api/notifications", "userId is missing" },
            { "/api/notifications?userId=", "userId is missing" },
            { "/api/notifications?user=42", "userId is missing" },
            { "/api/notifications?userId=42&types=", "names 1 to 100 types" },
            { "/api/notifications?userId=42&types=,%20,", "names 1 to 100 types" },
            { $"/api/notifications?userId={new string('x', 243)}", "at most 256 bytes" },
            { "/api/notifications?userId=4%0A2", "control characters" },
            { "/api/stream", "topic is missing" },
            { "/api/stream?topic=", "topic is empty" },
            { "/api/stream?topic=a&topic=", "topic is empty" },
            { "/api/stream?" + tooMany, "at most 100 topics" },
            { $"/api/stream?topic={new string('x', 257)}", "at most 256 bytes" },
            { $"/api/stream?topic={string.Concat(Enumerable.Repeat("%F0%9F%8E%89", 65))}", "at most 256 bytes" },
            { "/api/stream?topic=sse:control", "begin with sse:" },
            { "/api/stream?topic=a&topic=sse%3Asocial", "begin with sse:" },
            { "/api/stream?topic=a%00b", "control characters" },
            { "/api/stream?topic=a%0D%0Ab", "control characters" },
            { "/api/stream?topic=a%7Fb", "control characters" },
        };
        return data;
    }

    [Theory]
    [MemberData(nameof(BadTargets))]
    public async Task A_bad_request_is_told_what_to_change_and_the_connection_survives(string target, string sentence)
    {
        await using var connection = await RawConnection.GetAsync(Api.Port, target);

        var answer = await connection.ReadResponseAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(sentence, answer.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        await connection.SendGetAsync("/alive");
        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("1--1")]
    [InlineData("1-+1")]
    [InlineData("1-01")]
    [InlineData("0-1")]
    [InlineData("A-1")]
    [InlineData("1-1,1-2")]
    [InlineData("1-99999999999999999999")]
    [InlineData("1000000000000-1")]
    [InlineData("12345678.1-1,")]
    [InlineData("12345678.1-1,12345678.1-2")]
    [InlineData("1234567.1-1")]
    [InlineData("+2345678.1-1")]
    [InlineData("'; DROP TABLE events; --")]
    public async Task An_id_that_no_server_of_this_kind_sent_begins_live_with_a_gap(string id)
    {
        var topic = Drafts.NewTopic();
        await using var header = await RawConnection.GetAsync(Api.Port, SseClient.Target(topic), $"Last-Event-ID: {id}");
        await using var query = await RawConnection.GetAsync(Api.Port, $"{SseClient.Target(topic)}&lastEventId={Uri.EscapeDataString(id)}");

        foreach (var connection in new[] { header, query })
        {
            var begin = await connection.ReadUntilAsync("event: gap\n");
            Assert.StartsWith("HTTP/1.1 200 ", begin, StringComparison.Ordinal);
            Assert.Contains($$"""{"topic":"{{topic}}","from":null,"to":null}""", await connection.ReadUntilAsync("\n\n"), StringComparison.Ordinal);
            await Http.PublishAsync(topic, "1");
            await connection.ReadUntilAsync("data: 1\n\n");
        }
    }

    [Fact]
    public async Task An_id_of_a_stream_of_one_topic_is_a_gap_in_each_topic_of_a_stream_of_several()
    {
        var (one, other) = (Drafts.NewTopic(), Drafts.NewTopic());
        await using var client = await SseClient.OpenAsync(Http, SseClient.Target(one, other), "1-1");

        var gaps = await client.TakeAsync(2);
        await Http.PublishAsync(other, "1");

        Assert.All(gaps, gap => Assert.Equal("gap", gap.EventType));
        Assert.Equal("1", (await client.NextAsync()).Data);
        await using var again = await SseClient.OpenAsync(Http, SseClient.Target(one, other), client.LastEventId);
        await Http.PublishAsync(one, "2");
        Assert.Equal("2", (await again.NextAsync()).Data);
    }

    [Fact]
    public async Task A_hundred_topics_of_256_bytes_can_be_asked_for()
    {
        var names = Enumerable.Range(0, 100).Select(i => string.Concat(Enumerable.Repeat("é", 124)) + Drafts.NewTopic()[..5] + $"{i:D3}").ToArray();
        await using var client = await SseClient.OpenTopicsAsync(Http, names);

        await Http.PublishAsync(names[99], "1");

        Assert.Equal("1", (await client.NextAsync()).Data);
        await using var again = await SseClient.OpenAsync(Http, SseClient.Target(names), client.LastEventId);
        await Http.PublishAsync(names[0], "2");
        Assert.Equal("2", (await again.NextAsync()).Data);
    }

    [Fact]
    public async Task What_a_stream_does_not_know_in_a_query_is_passed_over()
    {
        var topic = Drafts.NewTopic();
        await using var client = await SseClient.OpenAsync(Http, SseClient.Target(topic) + "&_=1732612345&utm_source=mail");

        await Http.PublishAsync(topic, "1");

        Assert.Equal("1", (await client.NextAsync()).Data);
    }

    [Fact]
    public async Task An_empty_last_event_id_begins_live()
    {
        var topic = Drafts.NewTopic();
        await Http.PublishAsync(topic, "1");
        await using var connection = await RawConnection.GetAsync(Api.Port, SseClient.Target(topic), "Last-Event-ID:");
        await connection.ReadUntilAsync(": connected\n");

        await Http.PublishAsync(topic, "2");

        Assert.DoesNotContain("data: 1", await connection.ReadUntilAsync("data: 2\n\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_topics_of_full_length_and_any_text_are_served()
    {
        var longest = new string('x', 250) + Guid.NewGuid().ToString()[..6];
        string[] topics = [longest, "*", "{}", "a+b c%&=#?/\\\"'<>", "\u00a0", "\u2028", "🎉", ":", .. Enumerable.Range(0, 92).Select(_ => Drafts.NewTopic("t"))];
        Assert.Equal(100, topics.Distinct().Count());
        await using var client = await SseClient.OpenTopicsAsync(Http, topics);

        foreach (var topic in topics)
            await Http.PublishAsync(topic, ApiCalls.Quote(topic));

        Assert.Equal(topics.Select(ApiCalls.Quote).Order(StringComparer.Ordinal), (await client.TakeDataAsync(100)).Order(StringComparer.Ordinal));
    }
}
