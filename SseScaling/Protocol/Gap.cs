using SseScaling.Backplane;

namespace SseScaling.Protocol;

/// <summary>A hole in what a subscriber has seen of a topic, which history can no longer fill.</summary>
/// <param name="From">The first missing event; null when unknown, as after the stream went back to older data.</param>
/// <param name="To">The last missing one; null when unknown, as after the loss of the whole stream.</param>
internal readonly record struct Gap(EventPosition? From, EventPosition? To)
{
    /// <summary>
    /// Compares what was seen with a page of history. Returns the position from which reading goes on; <paramref name="gap"/> is set when events
    /// between the two are lost.
    /// </summary>
    /// <remarks>
    /// A position that lies beyond the stream's head (Redis came back with older data) counts as lost history too: offsets will be given out a
    /// second time, and taking them for seen would be silence.
    /// </remarks>
    public static EventPosition Continue(EventPosition seen, HistoryPage page, out Gap? gap)
    {
        var behindHole = new EventPosition(page.Head.Epoch, page.First - 1);
        gap = null;
        if (page.Head.IsNone)
        {
            gap = seen.IsNone ? null : new Gap(seen.Next, null);
            return EventPosition.None;
        }

        if (seen.IsNone || seen.Epoch == page.Head.Epoch)
        {
            var known = new EventPosition(page.Head.Epoch, seen.Offset);
            if (known.Offset > page.Head.Offset)
            {
                gap = new Gap(null, page.Head);
                return page.Head;
            }

            if (page.First <= known.Offset + 1)
                return known;
            gap = new Gap(known.Next, behindHole);
            return behindHole;
        }

        gap = new Gap(seen.Next, behindHole.Offset > 0 ? behindHole : null);
        return behindHole;
    }
}
