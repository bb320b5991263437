using System.Threading.Channels;
using SseScaling.Backplane;
using SseScaling.Protocol;
using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>Keeps what a topic delivers, to be taken in order; fails when two deliveries overlap.</summary>
internal sealed class CollectingReceiver : ITopicReceiver
{
    private readonly Channel<EventEnvelope> _received = Channel.CreateUnbounded<EventEnvelope>();
    private int _inside;
    private volatile bool _overlapped;

    public int Waiting => _received.Reader.Count;

    public void Receive(ReadOnlyMemory<byte> message)
    {
        if (Interlocked.Increment(ref _inside) != 1)
            _overlapped = true;
        _received.Writer.TryWrite(EventEnvelope.Parse(message));
        Interlocked.Decrement(ref _inside);
    }

    public async Task<EventEnvelope> NextAsync()
    {
        var next = await _received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        Assert.False(_overlapped, "Two deliveries of one topic overlapped.");
        return next;
    }

    public async Task<List<EventEnvelope>> TakeAsync(int count)
    {
        var taken = new List<EventEnvelope>(count);
        while (taken.Count < count)
            taken.Add(await NextAsync());
        return taken;
    }

    /// <summary>Takes all up to the first one that fits, which is the last of the result.</summary>
    public async Task<List<EventEnvelope>> TakeUntilAsync(Predicate<EventEnvelope> last)
    {
        var taken = new List<EventEnvelope>();
        do
            taken.Add(await NextAsync());
        while (!last(taken[^1]));
        return taken;
    }
}
