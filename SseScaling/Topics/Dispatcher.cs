using System.Runtime.InteropServices;

namespace SseScaling.Topics;

/// <summary>
/// One thread that puts what arrives on its topics in order and writes it to their subscribers. Batches are born here: while it fans out, more
/// arrives, and the next round takes all of it, so the busier the topic, the fewer writes per event.
/// </summary>
/// <remarks>A topic stays with one dispatcher, so its order needs no lock. Posting never blocks for longer than a list append.</remarks>
internal sealed class Dispatcher : IDisposable
{
    // What waits here is bounded too: beyond, messages are dropped and their topics read their streams, which have all durable ones.
    private const long MaxPendingBytes = 64 << 20;

    private readonly object _gate = new();
    private readonly Thread _thread;
    private readonly Action<int> _dropped;
    private readonly HashSet<Topic> _overflowed = [];
    private readonly List<(Topic Topic, List<ReadOnlyMemory<byte>> Arrived)> _touched = [];
    private readonly Stack<List<ReadOnlyMemory<byte>>> _spare = [];
    private List<Item> _incoming = [];
    private List<Item> _taken = [];
    private long _pendingBytes;
    private bool _isWaiting;
    private bool _isStopped;

    /// <param name="number">For the thread's name.</param>
    /// <param name="dropped">Told how many messages did not fit.</param>
    public Dispatcher(int number, Action<int> dropped)
    {
        _dropped = dropped;
        _thread = new Thread(Run) { IsBackground = true, Name = $"dispatcher {number}" };
        _thread.Start();
    }

    /// <summary>Hands over a message of a topic.</summary>
    public void Post(Topic topic, ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            if (_pendingBytes + message.Length > MaxPendingBytes)
            {
                _overflowed.Add(topic);
                _dropped(1);
            }
            else
            {
                _pendingBytes += message.Length;
                _incoming.Add(new Item(topic, message, null));
            }

            Wake();
        }
    }

    /// <summary>Has something done on the topics' thread.</summary>
    public void Post(Action command)
    {
        lock (_gate)
        {
            _incoming.Add(new Item(null, default, command));
            Wake();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            Wake();
        }

        _thread.Join();
    }

    private void Wake()
    {
        if (_isWaiting)
            Monitor.Pulse(_gate);
    }

    private void Run()
    {
        while (Take(out var overflowed))
        {
            foreach (var item in _taken)
                Sort(item);
            foreach (var (topic, arrived) in _touched)
            {
                topic.Sequence.Apply(CollectionsMarshal.AsSpan(arrived));
                topic.Arrived = null;
                arrived.Clear();
                _spare.Push(arrived);
            }

            foreach (var topic in overflowed)
                topic.Sequence.Recover();
            _taken.Clear();
            _touched.Clear();
        }
    }

    private bool Take(out Topic[] overflowed)
    {
        lock (_gate)
        {
            while (_incoming.Count == 0 && _overflowed.Count == 0 && !_isStopped)
            {
                _isWaiting = true;
                Monitor.Wait(_gate);
                _isWaiting = false;
            }

            (_incoming, _taken) = (_taken, _incoming);
            _pendingBytes = 0;
            overflowed = _overflowed.Count == 0 ? [] : [.. _overflowed];
            _overflowed.Clear();
            return !_isStopped;
        }
    }

    private void Sort(Item item)
    {
        if (item.Topic is not { } topic)
        {
            item.Command!();
            return;
        }

        if (topic.Arrived is not { } arrived)
        {
            topic.Arrived = arrived = _spare.TryPop(out var spare) ? spare : [];
            _touched.Add((topic, arrived));
        }

        arrived.Add(item.Message);
    }

    private readonly record struct Item(Topic? Topic, ReadOnlyMemory<byte> Message, Action? Command);
}
