using SseScaling.Backplane;
using SseScaling.Protocol;
using Xunit;

namespace SseScaling.Tests.Model;

public sealed class GapTests
{
    private const ulong Epoch = 0xe;
    private const ulong Older = 0xd;

    [Fact]
    public void Whoever_stands_within_history_goes_on_where_it_stands() => Check(At(7), Page(head: 9, first: 8), At(7), gap: null);

    [Fact]
    public void Whoever_has_everything_goes_on_even_if_nothing_is_kept() => Check(At(9), Page(head: 9, first: 10), At(9), gap: null);

    [Fact]
    public void Whoever_stands_before_history_misses_what_lies_between() =>
        Check(At(3), Page(head: 9, first: 8), At(7), new Gap(At(4), At(7)));

    [Fact]
    public void Whoever_missed_events_of_which_none_is_kept_misses_all_of_them() =>
        Check(At(3), Page(head: 9, first: 10), At(9), new Gap(At(4), At(9)));

    [Fact]
    public void Whoever_came_before_the_first_event_gets_all_that_follow() => Check(EventPosition.None, Page(head: 2, first: 1), At(0), gap: null);

    [Fact]
    public void Whoever_came_before_the_first_event_is_told_what_is_gone_by_now() =>
        Check(EventPosition.None, Page(head: 9, first: 5), At(4), new Gap(At(1), At(4)));

    [Fact]
    public void A_lost_stream_is_a_gap_without_an_end() =>
        Check(At(3), new HistoryPage(EventPosition.None, 1, []), EventPosition.None, new Gap(At(4), null));

    [Fact]
    public void A_stream_that_never_was_is_no_gap() =>
        Check(EventPosition.None, new HistoryPage(EventPosition.None, 1, []), EventPosition.None, gap: null);

    [Fact]
    public void A_new_stream_is_told_and_read_from_its_first_event() =>
        Check(new EventPosition(Older, 30), Page(head: 2, first: 1), At(0), new Gap(new EventPosition(Older, 31), null));

    [Fact]
    public void A_new_stream_that_lost_its_first_events_says_up_to_where() =>
        Check(new EventPosition(Older, 30), Page(head: 9, first: 5), At(4), new Gap(new EventPosition(Older, 31), At(4)));

    [Fact]
    public void A_position_beyond_the_end_means_that_the_stream_went_back() => Check(At(12), Page(head: 9, first: 1), At(9), new Gap(null, At(9)));

    private static EventPosition At(long offset) => new(Epoch, offset);

    private static HistoryPage Page(long head, long first) => new(At(head), first, []);

    private static void Check(EventPosition seen, HistoryPage page, EventPosition behind, Gap? gap)
    {
        Assert.Equal(behind, Gap.Continue(seen, page, out var told));
        Assert.Equal(gap, told);
    }
}
