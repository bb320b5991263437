using SseScaling.Protocol;

namespace SseScaling.Backplane;

/// <summary>A part of a topic's stream, read in one atomic step.</summary>
/// <param name="Head">The stream's epoch and its last offset at that moment; <see cref="EventPosition.None"/> when the topic has no stream.</param>
/// <param name="First">The lowest offset that is still kept, or <c>Head.Offset + 1</c> when nothing is kept.</param>
/// <param name="Events">Envelopes in order, without holes between them, starting with the first kept one behind the asked-for offset.</param>
internal sealed record HistoryPage(EventPosition Head, long First, IReadOnlyList<ReadOnlyMemory<byte>> Events)
{
    /// <summary>The most events of one page: XRANGE of 20,000 entries held a Redis connection for 335 ms.</summary>
    public const int MaxCount = 1_000;

    /// <summary>
    /// Compares what was seen with this page. Returns the position from which reading goes on; <paramref name="gap"/> is set when events
    /// between the two are lost.
    /// </summary>
    /// <remarks>
    /// A position that lies beyond the stream's head (Redis came back with older data) counts as lost history too: offsets will be given out a
    /// second time, and taking them for seen would be silence.
    /// </remarks>
    internal EventPosition Continue(EventPosition seen, out Gap? gap)
    {
        var behindHole = new EventPosition(Head.Epoch, First - 1);
        gap = null;
        if (Head.IsNone)
        {
            gap = seen.IsNone ? null : new Gap(seen.Next, null);
            return EventPosition.None;
        }

        if (seen.IsNone || seen.Epoch == Head.Epoch)
        {
            var known = new EventPosition(Head.Epoch, seen.Offset);
            if (known.Offset > Head.Offset)
            {
                gap = new Gap(null, Head);
                return Head;
            }

            if (First <= known.Offset + 1)
                return known;
            gap = new Gap(known.Next, behindHole);
            return behindHole;
        }

        gap = new Gap(seen.Next, behindHole.Offset > 0 ? behindHole : null);
        return behindHole;
    }
}
