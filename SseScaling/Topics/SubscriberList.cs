namespace SseScaling.Topics;

/// <summary>
/// The live subscribers of a topic. Fan-out walks a view of them without the lock that guards changes: adding appends behind the
/// view's end, removing copies the array first if a view of it was handed out. So a storm of joins copies nothing, and a storm of leaves copies once per
/// fan-out.
/// </summary>
internal sealed class SubscriberList
{
    private Subscription[] _items = [];
    private int _count;
    private bool _isShared;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The subscribers of this moment; stays valid whatever happens to the list.</summary>
    public ReadOnlySpan<Subscription> View()
    {
        _isShared = true;
        return _items.AsSpan(0, _count);
    }

    public void Add(Subscription subscription)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(1, _count * 2));
            _isShared = false;
        }

        subscription.Index = _count;
        _items[_count++] = subscription;
    }

    /// <summary>Removes a subscriber; false when it is not in the list.</summary>
    public bool Remove(Subscription subscription)
    {
        if (subscription.Index < 0)
            return false;
        if (_isShared)
        {
            _items = _items.AsSpan(0, _count).ToArray();
            _isShared = false;
        }

        var last = _items[--_count];
        _items[subscription.Index] = last;
        last.Index = subscription.Index;
        _items[_count] = null!;
        subscription.Index = -1;
        return true;
    }
}
