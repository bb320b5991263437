using System.Buffers;
using System.Text;
using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.Load;
using Xunit;
using ResponseHead = SseScaling.LoadTest.Clients.ResponseHead;

namespace SseScaling.Tests.LoadTest;

public sealed class StreamReadingTests
{
    private const string Stream =
        ": hello\nretry: 1500\n\ndata: plain\n\nid: ab-1\ndata: {\"a\":1}\n\nevent: gap\ndata: {}\n\ndata:first\ndata:\ndata:  third\n\n"
        + "id: ab-2\r\ndata: with CR\r\n\r\nid\n\n:\n\nunknown: x\ndata\n\nretry: soon\nid: a\0b\ndata: last\n\ndata: cut off";

    private static readonly string[] Found =
    [
        "comment", "retry 1500", "[] [plain]", "[] [{\"a\":1}] id ab-1", "[gap] [{}]", "[] [first\n\n third]", "[] [with CR] id ab-2", "[] [] id ", "comment",
        "[] []", "[] [last]",
    ];

    [Fact]
    public void However_a_stream_is_cut_into_reads_the_same_events_come_out()
    {
        var bytes = Encoding.UTF8.GetBytes(Stream);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            for (var second = cut; second <= bytes.Length; second += 7) Assert.Equal(Found, Parse(bytes[..cut], bytes[cut..second], bytes[second..]));
        }
        Assert.Equal(Found, Parse([.. bytes.Select(one => new[] { one })]));
    }

    [Fact]
    public void A_block_without_end_is_refused_instead_of_filling_the_memory()
    {
        var parser = new SseParser();
        var sink = new Log();
        var more = new byte[1 << 20];
        more.AsSpan().Fill((byte)'x');

        var fed = 0;
        while (fed < 10 && parser.Feed(more, sink)) fed++;

        Assert.Equal(4, fed);
        parser.Reset();
        Assert.True(parser.Feed("data: again\n\n"u8, sink));
        Assert.Equal(["[] [again]"], sink.Lines);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=1\r\n, world 12\r\n0\r\n\r\n", "hello, world 12", true)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncontent-length: 3\r\n\r\nabc", "abc", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nto the end", "to the end", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n", "", true)]
    public void However_a_response_is_cut_into_reads_its_body_is_the_same(string response, string body, bool ended)
    {
        var bytes = Encoding.UTF8.GetBytes(response);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var http = new HttpStream();
            var text = new StringBuilder();
            foreach (var part in new[] { bytes[..cut], bytes[cut..] })
            {
                ReadOnlySpan<byte> left = part;
                while (!left.IsEmpty) text.Append(Encoding.UTF8.GetString(http.Next(ref left)));
            }
            Assert.Equal(body, text.ToString());
            Assert.Equal(ended, http.Ended);
            Assert.False(http.Broken);
            Assert.True(http.Head!.IsEventStream);
        }
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    public void What_is_no_http_is_noticed(string response)
    {
        var http = new HttpStream();
        ReadOnlySpan<byte> left = Encoding.UTF8.GetBytes(response);
        while (!left.IsEmpty && !http.Broken) http.Next(ref left);

        Assert.True(http.Broken);
    }

    [Fact]
    public void A_refusal_tells_status_and_when_to_come_back()
    {
        var head = ResponseHead.Parse("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 7"u8);

        Assert.Equal((503, "application/problem+json", TimeSpan.FromSeconds(7), false), (head.Status, head.ContentType, head.RetryAfter, head.IsEventStream));
    }

    [Fact]
    public void A_payload_is_read_back_as_written_and_has_the_size_asked_for()
    {
        var topic = new TopicLedger("notifications:42");
        var writer = new ArrayBufferWriter<byte>();
        EventPayload.Write(writer, "ab12"u8.ToArray(), topic.NameBytes, new Scheduled(topic, 17, 123_456_789_012, 1_770_000_000_000_001), 300);

        Assert.Equal(300, writer.WrittenCount);
        Assert.True(EventPayload.TryRead(writer.WrittenSpan, out var read));
        Assert.Equal("ab12", Encoding.UTF8.GetString(read.Run));
        Assert.Equal("notifications:42", Encoding.UTF8.GetString(read.Topic));
        Assert.Equal((17, 123_456_789_012, 1_770_000_000_000_001), (read.Sequence, read.Sent, read.UnixMicroseconds));
        Assert.NotNull(System.Text.Json.JsonDocument.Parse(writer.WrittenMemory));
    }

    [Theory]
    [InlineData("{\"type\":\"like\",\"userId\":1}")]
    [InlineData("{\"run\":\"a\",\"topic\":\"t\",\"seq\":}")]
    [InlineData("{\"run\":\"a")]
    public void An_event_of_someone_else_is_no_payload(string data) => Assert.False(EventPayload.TryRead(Encoding.UTF8.GetBytes(data), out _));

    private static List<string> Parse(params byte[][] parts)
    {
        var parser = new SseParser();
        var sink = new Log();
        foreach (var part in parts) Assert.True(parser.Feed(part, sink));
        return [.. sink.Lines.Aggregate(new List<string>(), Once)];
    }

    // A retry field is reported again when its block was cut off after it: the format allows that, it sets the same value.
    private static List<string> Once(List<string> lines, string line)
    {
        if (!(line.StartsWith("retry", StringComparison.Ordinal) && lines.LastOrDefault() == line)) lines.Add(line);
        return lines;
    }

    private sealed class Log : ISseSink
    {
        public List<string> Lines { get; } = [];

        public void OnEvent(in ReceivedEvent received) => Lines.Add(
            $"[{Encoding.UTF8.GetString(received.Name)}] [{Encoding.UTF8.GetString(received.Data)}]" + (received.HasId ? $" id {Encoding.UTF8.GetString(received.Id)}" : ""));

        public void OnRetry(int milliseconds) => Lines.Add($"retry {milliseconds}");

        public void OnComment() => Lines.Add("comment");
    }
}
