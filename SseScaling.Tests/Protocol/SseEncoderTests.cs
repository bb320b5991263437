using System.Net.ServerSentEvents;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SseScaling.Protocol;
using Xunit;

namespace SseScaling.Tests.Protocol;

/// <summary>Whatever was published, a parser that was not written here reads it back.</summary>
public sealed class SseEncoderTests
{
    private static readonly string[] Pieces =
        ["\n", "\r", "\r\n", "\n\n", "data: ", "id: 9-9", "event: x", "retry: 1", ":", " ", "", "{\"a\":1}", "ü", "日本", "🎉", "\u2028", "\u0085", "\0", "\ufeff"];

    private static readonly Gen<string> Texts = Gen.Elements(Pieces).ArrayOf().Select(string.Concat);

    [Fact]
    public void Events_are_read_back_whatever_they_contain() =>
        Prop.ForAll(Texts.NonEmptyListOf().ToArbitrary(), texts =>
        {
            var data = texts.ToList();
            var envelopes = data.Select((text, index) => Envelope(new EventPosition(0xabc, index + 1), index % 2 == 0 ? null : "n: ü", text)).ToArray();

            var batch = SseEncoder.Encode(envelopes);

            Assert.Equal(data.Select((text, index) => ($"abc-{index + 1}", index % 2 == 0 ? "message" : "n: ü", Lines(text))), Read(batch.Whole.Span.ToArray()));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_slice_of_a_batch_is_a_stream_of_its_events()
    {
        var envelopes = Enumerable.Range(1, 6).Select(n => Envelope(n == 3 ? EventPosition.None : new EventPosition(1, n), null, $"{n}")).ToArray();
        var batch = SseEncoder.Encode(envelopes);

        for (var from = 0; from < 6; from++)
        {
            for (var to = from + 1; to <= 6; to++)
                Assert.Equal(Enumerable.Range(from + 1, to - from).Select(n => $"{n}"), Read(batch.Slice(from, to).Span.ToArray()).Select(item => item.Data));
        }
    }

    [Fact]
    public void The_index_behind_a_position_skips_what_was_seen_and_nothing_else()
    {
        var batch = SseEncoder.Encode([Envelope(new EventPosition(1, 5), null, "a"), Envelope(EventPosition.None, null, "b"), Envelope(new EventPosition(1, 6), null, "c")]);

        Assert.Equal([0, 1, 3, 3], new long[] { 4, 5, 6, 7 }.Select(batch.IndexBehind));
    }

    [Fact]
    public void A_name_with_a_line_break_gets_no_field()
    {
        var batch = SseEncoder.Encode([EventEnvelope.Parse(Encoding.UTF8.GetBytes("\u0001- 0 - x\rid: 9-9\ndata"))]);

        Assert.Equal("data: data\n\n", Encoding.UTF8.GetString(batch.Whole.Span));
    }

    [Theory]
    [InlineData("""{"type":"like"}""", "like")]
    [InlineData("""{ "a":{"type":"x"}, "type" : "l\u0069ke" }""", "like")]
    [InlineData("""{"type":null}""", null)]
    [InlineData("""{"Type":"like"}""", null)]
    [InlineData("""["type","like"]""", null)]
    [InlineData("""{"a":1""", null)]
    [InlineData("no json", null)]
    [InlineData("", null)]
    public void The_type_is_the_top_level_string_of_that_name(string json, string? type) =>
        Assert.Equal(type, EventJson.Read(Encoding.UTF8.GetBytes(json), "type"));

    private static EventEnvelope Envelope(EventPosition position, string? name, string data) =>
        EventEnvelope.Parse(EventEnvelope.Format(position, EventEnvelope.FormatTail(1, null, name, Encoding.UTF8.GetBytes(data))));

    private static string Lines(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

    // A comment in front: a byte order mark counts only at the very beginning of a stream.
    private static List<(string Id, string Name, string Data)> Read(byte[] bytes) =>
        [.. SseParser.Create(new MemoryStream([.. ":\n\n"u8, .. bytes])).Enumerate().Select(item => (item.EventId ?? "", item.EventType, item.Data))];
}
