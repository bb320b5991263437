using System.Text;
using SseScaling.Protocol;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Model;

public sealed class RecentEventsTests
{
    private const ulong Epoch = 0xe;

    [Fact]
    public void Gives_what_follows_a_position()
    {
        var recent = new RecentEvents(At(3));
        recent.Add([Event(4), Event(5), Event(6)]);
        Assert.Equal([5, 6], Offsets(recent.Since(At(4))));
        Assert.Equal([4, 5, 6], Offsets(recent.Since(At(3))));
    }

    [Fact]
    public void Gives_nothing_to_whoever_lacks_more_or_has_all()
    {
        var recent = new RecentEvents(At(3));
        recent.Add([Event(4), Event(5)]);
        Assert.Null(recent.Since(At(2)));
        Assert.Null(recent.Since(At(5)));
        Assert.Null(recent.Since(new EventPosition(Epoch + 1, 4)));
    }

    [Fact]
    public void What_it_dropped_is_not_skipped_in_silence()
    {
        var recent = new RecentEvents(At(0));
        for (var offset = 1; offset <= 2_000; offset++)
            recent.Add([Event(offset)]);
        Assert.Null(recent.Since(At(10)));
        Assert.Equal([1_999, 2_000], Offsets(recent.Since(At(1_998))));
    }

    [Fact]
    public void Large_events_count_by_their_bytes()
    {
        var recent = new RecentEvents(At(0));
        for (var offset = 1; offset <= 10; offset++)
            recent.Add([Event(offset, bytes: 60 << 10)]);
        Assert.Null(recent.Since(At(8)));
        Assert.Equal([10], Offsets(recent.Since(At(9))));
    }

    [Fact]
    public void Serves_a_topic_that_began_without_a_stream()
    {
        var recent = new RecentEvents(EventPosition.None);
        recent.Add([Event(1), Event(2)]);
        Assert.Equal([1, 2], Offsets(recent.Since(EventPosition.None)));
        Assert.Equal([2], Offsets(recent.Since(At(1))));
    }

    [Fact]
    public void Events_that_nothing_keeps_come_with_the_missing_ones_behind_them_only()
    {
        var recent = new RecentEvents(At(3));
        recent.Add([Plain(), Event(4), Plain(), Event(5)]);
        Assert.Equal([4, 0, 5], Offsets(recent.Since(At(3))));
        Assert.Equal([5], Offsets(recent.Since(At(4))));
    }

    [Fact]
    public void Forgets_all_when_the_topic_goes_on_elsewhere()
    {
        var recent = new RecentEvents(At(3));
        recent.Add([Event(4)]);
        recent.Restart(new EventPosition(Epoch + 1, 0));
        Assert.Null(recent.Since(At(3)));
    }

    private static EventPosition At(long offset) => new(Epoch, offset);

    private static EventEnvelope Event(long offset, int bytes = 2) => Parse(At(offset), bytes);

    private static EventEnvelope Plain() => Parse(EventPosition.None, 2);

    private static EventEnvelope Parse(EventPosition position, int bytes) =>
        EventEnvelope.Parse(EventEnvelope.Format(position, EventEnvelope.FormatTail(1, null, null, Encoding.ASCII.GetBytes(new string('1', bytes)))));

    private static long[] Offsets(EventEnvelope[]? events) => [.. Assert.IsType<EventEnvelope[]>(events).Select(e => e.Position.Offset)];
}
