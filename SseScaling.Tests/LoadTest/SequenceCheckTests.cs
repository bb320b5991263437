using FsCheck;
using FsCheck.Fluent;
using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Measure;
using Xunit;

namespace SseScaling.Tests.LoadTest;

public sealed class SequenceCheckTests
{
    [Fact]
    public void In_any_order_and_with_any_losses_every_event_is_judged_as_a_model_does()
    {
        Prop.ForAll(Arb.From(Gen.Choose(0, 30).ListOf()), arrivals =>
        {
            var ledger = Ledger(31);
            var check = new SequenceCheck(0);
            HashSet<long> seen = [];
            long highest = -1;
            foreach (long sequence in arrivals)
            {
                var expected = seen.Contains(sequence) ? Arrival.Repeated
                    : sequence == highest + 1 ? Arrival.InOrder
                    : sequence > highest ? Arrival.Ahead : Arrival.Late;
                if (check.Accept(sequence) != expected) return false;
                seen.Add(sequence);
                highest = Math.Max(highest, sequence);
            }
            return check.Settle(ledger) == (31 - seen.Count, 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void What_the_server_did_not_confirm_is_not_lost()
    {
        var ledger = Ledger(10);
        ledger.Unsure(3);
        ledger.Unsure(9);
        var check = new SequenceCheck(0);
        foreach (var sequence in new long[] { 0, 1, 2, 5 }) check.Accept(sequence);

        // 4 is missing in the middle, 6 to 8 at the end; 3 and 9 may not exist.
        Assert.Equal((4, 0), check.Settle(ledger));
    }

    [Fact]
    public void A_gap_event_explains_the_next_jump_and_no_other()
    {
        var check = new SequenceCheck(0);
        check.Accept(0);
        check.Gap();

        Assert.Equal(Arrival.AfterGap, check.Accept(5));
        Assert.Equal(Arrival.Ahead, check.Accept(8));
        Assert.Equal((2, 4), check.Settle(Ledger(9)));
    }

    [Fact]
    public void A_gap_event_at_the_end_explains_what_is_missing_there()
    {
        var check = new SequenceCheck(0);
        check.Accept(0);
        check.Gap();

        Assert.Equal((0, 9), check.Settle(Ledger(10)));
    }

    [Fact]
    public void A_client_that_came_later_only_answers_for_what_followed_its_first_event()
    {
        var check = new SequenceCheck(-1);
        Assert.Equal((0, 0), check.Settle(Ledger(10)));

        Assert.Equal(Arrival.InOrder, check.Accept(6));
        Assert.Equal((3, 0), check.Settle(Ledger(10)));
    }

    [Fact]
    public void Losing_every_second_event_for_long_keeps_the_count_with_bounded_memory()
    {
        var check = new SequenceCheck(0);
        for (long sequence = 1; sequence < 40_000; sequence += 2) check.Accept(sequence);

        Assert.Equal((20_000, 0), check.Settle(Ledger(40_000)));
    }

    private static TopicLedger Ledger(int events)
    {
        var ledger = new TopicLedger("t");
        for (var i = 0; i < events; i++) ledger.Next();
        return ledger;
    }
}
