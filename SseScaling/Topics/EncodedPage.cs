using SseScaling.Backplane;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>A page of history with its events in wire form.</summary>
/// <param name="Page">The page.</param>
/// <param name="Batch">Its events; null when it has none.</param>
internal sealed record EncodedPage(HistoryPage Page, EncodedBatch? Batch)
{
    public static EncodedPage From(HistoryPage page)
    {
        if (page.Events.Count == 0)
            return new EncodedPage(page, null);
        var envelopes = page.Events.Select(e => EventEnvelope.Parse(e)).ToArray();
        return new EncodedPage(page, SseEncoder.Encode(envelopes));
    }
}

/// <summary>A read of a topic's history that several subscribers share.</summary>
/// <param name="After">The offset behind which it reads.</param>
/// <param name="Page">What it finds.</param>
internal sealed record TailRead(long After, Task<EncodedPage> Page)
{
    /// <summary>Whether a subscriber that stands at a position gets on with it.</summary>
    public bool Helps(EventPosition seen)
    {
        if (seen.Offset < After)
            return false;
        if (!Page.IsCompleted)
            return true;
        return Page.IsCompletedSuccessfully && Page.Result is { Batch: { } batch } result && result.Page.Head.Epoch == seen.Epoch
            && batch.Events[^1].Position.Offset > seen.Offset;
    }
}
