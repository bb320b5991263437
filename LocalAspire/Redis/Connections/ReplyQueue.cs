namespace StackExchange.Redis;

/// <summary>
/// The commands that wait for a reply, in the order they were written: a ring of structs, so that a command costs no object besides
/// its task. Not safe for several threads.
/// </summary>
internal sealed class ReplyQueue
{
    private Entry[] _entries = new Entry[64];
    private int _head;
    private int _expired;

    internal int Count { get; private set; }

    /// <summary>Whether commands have timed out whose replies are still due.</summary>
    internal bool HasExpired => _expired > 0;

    internal void Enqueue(Reply reply, object? source, long tick)
    {
        if (Count == _entries.Length)
            Grow();

        At(Count++) = new Entry(reply, source, tick);
    }

    internal bool TryDequeue(out Entry entry)
    {
        if (Count == 0)
        {
            entry = default;
            return false;
        }

        ref var head = ref At(0);
        entry = head;
        head = default;
        _head = (_head + 1) & (_entries.Length - 1);
        Count--;
        _expired = Math.Max(0, _expired - 1);
        return true;
    }

    /// <summary>Takes the next command written before this tick; its place stays, so that its late reply is recognised and dropped.</summary>
    internal bool TryExpire(long before, out Entry entry)
    {
        if (_expired == Count || At(_expired).Tick >= before)
        {
            entry = default;
            return false;
        }

        ref var place = ref At(_expired++);
        entry = place;
        place = place with { Source = null };
        return true;
    }

    private ref Entry At(int index) => ref _entries[(_head + index) & (_entries.Length - 1)];

    private void Grow()
    {
        var grown = new Entry[_entries.Length * 2];
        for (var i = 0; i < Count; i++)
            grown[i] = At(i);

        (_entries, _head) = (grown, 0);
    }

    internal readonly record struct Entry(Reply Reply, object? Source, long Tick);
}
