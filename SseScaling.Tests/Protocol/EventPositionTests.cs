using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SseScaling.Protocol;
using Xunit;

namespace SseScaling.Tests.Protocol;

public sealed class EventPositionTests
{
    private const ulong MaxEpoch = (1UL << 48) - 1;
    private const long MaxOffset = 1L << 53;

    private static readonly Gen<EventPosition> Positions =
        from epoch in Gen.Frequency((4, Gen.Choose(1, int.MaxValue).Select(value => (ulong)value)), (4, ArbMap.Default.GeneratorFor<ulong>().Select(value => value % MaxEpoch + 1)), (1, Gen.Constant(MaxEpoch)))
        from offset in Gen.Frequency((4, Gen.Choose(0, 1_000).Select(value => (long)value)), (4, ArbMap.Default.GeneratorFor<long>().Select(value => value & (MaxOffset - 1))), (1, Gen.Constant(MaxOffset)))
        select new EventPosition(epoch, offset);

    [Fact]
    public void What_is_written_is_read_again() => Prop.ForAll(Positions.ToArbitrary(), position =>
    {
        var text = position.ToString();
        return EventPosition.TryParse(text, out var fromText) && fromText == position
            && EventPosition.TryParse(Encoding.ASCII.GetBytes(text), out var fromBytes) && fromBytes == position
            && text.Length <= EventPosition.MaxTextLength;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_read_was_written_like_that()
    {
        var text = Gen.Elements("0123456789abcdefABCDEF-- +x".ToCharArray()).ArrayOf().Select(characters => new string(characters));
        Prop.ForAll(text.ToArbitrary(), candidate => !EventPosition.TryParse(candidate, out var position) || position.ToString() == candidate)
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("0-0", 0, 0)]
    [InlineData("1-0", 1, 0)]
    [InlineData("a-1", 10, 1)]
    [InlineData("ffffffffffff-9007199254740992", MaxEpoch, MaxOffset)]
    public void Positions_have_one_text_form(string text, ulong epoch, long offset)
    {
        Assert.True(EventPosition.TryParse(text, out var position));
        Assert.Equal(new EventPosition(epoch, offset), position);
        Assert.Equal(text, position.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("a")]
    [InlineData("a-")]
    [InlineData("-1")]
    [InlineData("A-1")]
    [InlineData("0a-1")]
    [InlineData("a-01")]
    [InlineData("a--1")]
    [InlineData("a-+1")]
    [InlineData("a-1 ")]
    [InlineData(" a-1")]
    [InlineData("a-1-2")]
    [InlineData("0-1")]
    [InlineData("00-0")]
    [InlineData("g-1")]
    [InlineData("0xa-1")]
    [InlineData("a-1x")]
    [InlineData("a-9007199254740993")]
    [InlineData("a-9223372036854775807")]
    [InlineData("a-9223372036854775808")]
    [InlineData("1000000000000-1")]
    [InlineData("ffffffffffff-99999999999999999999")]
    [InlineData("a-١")]
    [InlineData("a−1")]
    [InlineData("a-1\0")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(EventPosition.TryParse(text, out var position));
        Assert.Equal(EventPosition.None, position);
        Assert.False(EventPosition.TryParse(Encoding.UTF8.GetBytes(text), out _));
    }

    [Fact]
    public void A_short_destination_is_refused()
    {
        var position = new EventPosition(MaxEpoch, MaxOffset);

        for (var length = 0; length < EventPosition.MaxTextLength; length++)
            Assert.Throws<ArgumentException>(() => position.Format(new byte[length]));
    }

    [Fact]
    public void New_epochs_differ_and_fit()
    {
        var epochs = Enumerable.Range(0, 1_000).Select(_ => EventPosition.NewEpoch()).ToList();

        Assert.Equal(1_000, epochs.Distinct().Count());
        Assert.All(epochs, epoch => Assert.InRange(epoch, 1UL, MaxEpoch));
    }
}
