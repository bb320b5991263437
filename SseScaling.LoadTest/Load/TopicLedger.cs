using System.Text;

namespace SseScaling.LoadTest.Load;

/// <summary>
/// What was published to one topic: the truth that clients are checked against. One publisher thread appends; answers come on
/// other threads; the totals are read when publishing is over.
/// </summary>
/// <param name="name">The topic's name.</param>
internal sealed class TopicLedger(string name)
{
    private readonly Lock _gate = new();
    private readonly HashSet<long> _unsure = [];
    private long _scheduled;

    /// <summary>The topic's name.</summary>
    public string Name { get; } = name;

    /// <summary>The topic's name in UTF-8.</summary>
    public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>How many sequence numbers were given out; the next one.</summary>
    public long Scheduled => Volatile.Read(ref _scheduled);

    /// <summary>Gives out the next sequence number. One thread.</summary>
    public long Next()
    {
        var next = _scheduled;
        Volatile.Write(ref _scheduled, next + 1);
        return next;
    }

    /// <summary>The server did not confirm this event: it may arrive, but nobody may call it lost.</summary>
    public void Unsure(long sequence)
    {
        lock (_gate) _unsure.Add(sequence);
    }

    /// <summary>How many of the events from <paramref name="from"/> up to, not including, <paramref name="to"/> were confirmed.</summary>
    public long Confirmed(long from, long to)
    {
        lock (_gate) return _unsure.Count == 0 ? to - from : to - from - _unsure.Count(sequence => sequence >= from && sequence < to);
    }

    /// <summary>One past the last confirmed event: a client that has this has everything.</summary>
    public long ConfirmedEnd()
    {
        lock (_gate)
        {
            var end = _scheduled;
            while (end > 0 && _unsure.Contains(end - 1)) end--;
            return end;
        }
    }
}

/// <summary>One event that the schedule wants to be published.</summary>
/// <param name="Topic">Where to.</param>
/// <param name="Sequence">Its number in the topic.</param>
/// <param name="Due">When, in nanoseconds of <see cref="Measure.Clock"/>. Latency counts from here, however late the send was.</param>
/// <param name="UnixMicroseconds">The same on the wall clock.</param>
internal readonly record struct Scheduled(TopicLedger Topic, long Sequence, long Due, long UnixMicroseconds);
