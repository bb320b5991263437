using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SseScaling.Protocol;
using Xunit;

namespace SseScaling.Tests.Protocol;

public sealed class EventEnvelopeTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly Gen<string> EventNames =
        Gen.OneOf(Gen.Constant(""), Gen.Elements("like", "new-post", "two words", " ", "- -", "ünï", "\u0001"), ArbMap.Default.GeneratorFor<NonNull<string>>().Select(Clean));

    [Fact]
    public void What_is_written_is_read_again() => Prop.ForAll(
        (from durable in ArbMap.Default.GeneratorFor<bool>()
         from epoch in Gen.Choose(1, int.MaxValue)
         from offset in Gen.Choose(1, int.MaxValue)
         from micros in ArbMap.Default.GeneratorFor<long>().Select(value => value & long.MaxValue)
         from traced in ArbMap.Default.GeneratorFor<bool>()
         from name in EventNames
         from key in EventNames
         from data in ArbMap.Default.GeneratorFor<byte[]>()
         select (Position: durable ? new EventPosition((ulong)epoch, offset) : EventPosition.None, Micros: micros, Trace: traced ? Trace : null, Name: name, Collapse: key.Length > 0 ? key : null, Data: data ?? []))
        .ToArbitrary(),
        it =>
        {
            var envelope = EventEnvelope.Parse(EventEnvelope.Format(it.Position, EventEnvelope.FormatTail(it.Micros, it.Trace, it.Name, it.Data, it.Collapse)));
            return envelope.Position == it.Position && envelope.PublishedMicros == it.Micros && envelope.IsDurable == !it.Position.IsNone
                && Encoding.UTF8.GetString(envelope.TraceParent.Span) == (it.Trace ?? "") && Encoding.UTF8.GetString(envelope.EventName.Span) == it.Name
                && Encoding.UTF8.GetString(envelope.Collapse.Span) == (it.Collapse ?? "")
                && envelope.Data.Span.SequenceEqual(it.Data);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_are_read_as_something_and_plain_ones_keep_all_of_them() => Prop.ForAll<byte[]>(bytes =>
    {
        var envelope = EventEnvelope.Parse(bytes);
        return envelope.Position.IsNone == !envelope.IsDurable && (bytes is [1, ..] || envelope.Data.Span.SequenceEqual(bytes));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("\u0001")]
    [InlineData("\u0001\n")]
    [InlineData("\u0001a-1 0 - ")]
    [InlineData("\u0001a-1 0 -\n{}")]
    [InlineData("\u0001a-1 0\n{}")]
    [InlineData("\u0001 0 - \n{}")]
    [InlineData("\u0001a-0 0 - \n{}")]
    [InlineData("\u00010-0 0 - \n{}")]
    [InlineData("\u0001A-1 0 - \n{}")]
    [InlineData("\u0001a-1 -1 - \n{}")]
    [InlineData("\u0001a-1 1x - \n{}")]
    [InlineData("\u0001a-1  - \n{}")]
    [InlineData("\u0001a-1 9223372036854775808 - \n{}")]
    [InlineData("\u0001a-1 0  \n{}")]
    [InlineData("a-1 0 - \n{}")]
    public void What_does_not_follow_the_grammar_is_plain(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);

        var envelope = EventEnvelope.Parse(bytes);

        Assert.Equal(bytes, envelope.Data.ToArray());
        Assert.Equal(EventPosition.None, envelope.Position);
        Assert.Equal(0, envelope.PublishedMicros);
        Assert.True(envelope.EventName.IsEmpty);
        Assert.True(envelope.TraceParent.IsEmpty);
    }

    [Fact]
    public void The_written_form_is_the_grammars()
    {
        var tail = EventEnvelope.FormatTail(1_700_000_000_000_000, Trace, "like", "{}"u8);

        Assert.Equal($"\u0001a-7 1700000000000000 {Trace} like\n{{}}", Encoding.UTF8.GetString(EventEnvelope.Format(new EventPosition(10, 7), tail)));
        Assert.Equal("\u0001- 0 - \n", Encoding.UTF8.GetString(EventEnvelope.Format(EventPosition.None, EventEnvelope.FormatTail(0, null, null, []))));
    }

    [Fact]
    public void The_parts_share_the_memory_of_the_message()
    {
        var message = EventEnvelope.Format(new EventPosition(10, 7), EventEnvelope.FormatTail(1, Trace, "like", "{}"u8));

        var envelope = EventEnvelope.Parse(message);

        Assert.True(message.AsSpan().Overlaps(envelope.Data.Span));
        Assert.True(message.AsSpan().Overlaps(envelope.EventName.Span));
    }

    private static string Clean(NonNull<string> name) => new([.. name.Get.Where(character => character is not ('\n' or '\r' or '\t' or '\0') && !char.IsSurrogate(character))]);
}
