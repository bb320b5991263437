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
}
