using SseScaling.LoadTest.Load;

namespace SseScaling.LoadTest.Measure;

/// <summary>What an event's sequence number said.</summary>
internal enum Arrival
{
    /// <summary>The next one.</summary>
    InOrder,

    /// <summary>It jumped over others, which may still come.</summary>
    Ahead,

    /// <summary>It jumped over others, as a gap event had announced.</summary>
    AfterGap,

    /// <summary>It had been jumped over, and comes now: misordered.</summary>
    Late,

    /// <summary>It was here before.</summary>
    Repeated,
}

/// <summary>
/// Follows the sequence numbers that one client receives of its topic, across its reconnects. Missing numbers are kept as ranges until
/// they arrive, so the end of the run knows exactly what was lost.
/// </summary>
internal struct SequenceCheck
{
    // A server that loses every second event must not make the tool grow without bound: the oldest ranges are then taken as lost.
    private const int MaxRanges = 4096;

    private List<(long From, long To, bool Announced)>? _missing;
    private long _settledLost;
    private bool _gapAnnounced;

    /// <summary>Starts where the client's stream must start.</summary>
    /// <param name="first">The first sequence number that it must get, or -1 if that is not known.</param>
    public SequenceCheck(long first) => Next = first;

    /// <summary>The number that must come next; -1 if any may.</summary>
    public long Next { get; private set; }

    /// <summary>How many numbers are missing now, announced by a gap or not.</summary>
    public readonly long Missing
    {
        get
        {
            var missing = _settledLost;
            if (_missing is not null) foreach (var range in _missing) missing += range.To - range.From;
            return missing;
        }
    }

    /// <summary>The stream said that history was too short: what is missing at the next jump is known to the client, not silently lost.</summary>
    public void Gap() => _gapAnnounced = true;

    /// <summary>A connection without an id to resume from: what came in between cannot be asked for.</summary>
    public void Forget() => Next = -1;

    /// <summary>Judges one event.</summary>
    /// <param name="sequence">Its number.</param>
    /// <returns>How it came.</returns>
    public Arrival Accept(long sequence)
    {
        var announced = _gapAnnounced;
        if (Next < 0 || sequence == Next)
        {
            (Next, _gapAnnounced) = (sequence + 1, false);
            return Arrival.InOrder;
        }
        if (sequence < Next) return Fill(sequence) ? Arrival.Late : Arrival.Repeated;
        Remember(Next, sequence, announced);
        (Next, _gapAnnounced) = (sequence + 1, false);
        return announced ? Arrival.AfterGap : Arrival.Ahead;
    }

    /// <summary>Settles the account when nothing more can come.</summary>
    /// <param name="ledger">What was published.</param>
    /// <returns>Confirmed events that never came: silently, and those that a gap announced.</returns>
    public readonly (long Lost, long Announced) Settle(TopicLedger ledger)
    {
        long lost = _settledLost, known = 0;
        if (_missing is not null)
        {
            foreach (var (from, to, announced) in _missing)
            {
                if (announced) known += ledger.Confirmed(from, to);
                else lost += ledger.Confirmed(from, to);
            }
        }
        var end = ledger.ConfirmedEnd();
        if (Next < 0 || Next >= end) return (lost, known);
        var tail = ledger.Confirmed(Next, end);
        return _gapAnnounced ? (lost, known + tail) : (lost + tail, known);
    }

    private void Remember(long from, long to, bool announced)
    {
        _missing ??= [];
        if (_missing.Count == MaxRanges)
        {
            var oldest = _missing[0];
            if (!oldest.Announced) _settledLost += oldest.To - oldest.From;
            _missing.RemoveAt(0);
        }
        _missing.Add((from, to, announced));
    }

    private readonly bool Fill(long sequence)
    {
        if (_missing is null) return false;
        for (var i = _missing.Count - 1; i >= 0; i--)
        {
            var (from, to, announced) = _missing[i];
            if (sequence < from || sequence >= to) continue;
            _missing.RemoveAt(i);
            if (sequence + 1 < to) _missing.Insert(i, (sequence + 1, to, announced));
            if (from < sequence) _missing.Insert(i, (from, sequence, announced));
            return true;
        }
        return false;
    }
}
