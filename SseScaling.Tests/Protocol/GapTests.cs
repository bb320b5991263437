using SseScaling.Backplane;
using SseScaling.Protocol;
using Xunit;

namespace SseScaling.Tests.Protocol;

/// <summary>Where reading goes on, and what is told as lost.</summary>
public sealed class GapTests
{
    [Theory]
    // seen, head, first kept; where it goes on; the gap as "from to", "-" where unknown, empty for none
    [InlineData("0-0", "0-0", 1, "0-0", "")]
    [InlineData("0-0", "a-5", 1, "a-0", "")]
    [InlineData("0-0", "a-5", 3, "a-2", "a-1 a-2")]
    [InlineData("a-2", "a-5", 1, "a-2", "")]
    [InlineData("a-2", "a-5", 3, "a-2", "")]
    [InlineData("a-2", "a-5", 4, "a-3", "a-3 a-3")]
    [InlineData("a-5", "a-5", 6, "a-5", "")]
    [InlineData("a-4", "a-5", 6, "a-5", "a-5 a-5")]
    [InlineData("a-9", "a-5", 1, "a-5", "- a-5")]
    [InlineData("a-5", "b-3", 1, "b-0", "a-6 -")]
    [InlineData("a-5", "b-3", 3, "b-2", "a-6 b-2")]
    [InlineData("a-5", "0-0", 1, "0-0", "a-6 -")]
    public void A_hole_is_told_with_its_bounds(string seen, string head, long first, string goesOn, string expected)
    {
        var from = new HistoryPage(Position(head), first, []).Continue(Position(seen), out var gap);

        Assert.Equal(Position(goesOn), from);
        Assert.Equal(expected, gap is { } hole ? $"{hole.From?.ToString() ?? "-"} {hole.To?.ToString() ?? "-"}" : "");
    }

    private static EventPosition Position(string text)
    {
        Assert.True(EventPosition.TryParse(text, out var position));
        return position;
    }
}
