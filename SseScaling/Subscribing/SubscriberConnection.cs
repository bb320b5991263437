using System.Diagnostics.CodeAnalysis;
using SseScaling.Connections;
using SseScaling.Topics;

namespace SseScaling.Subscribing;

/// <summary>The stream of a reader in this process: the same bytes as a client's, bounded in the same way. One reader at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose.")]
internal sealed class SubscriberConnection(ConnectionRegistry registry) : Connection(registry, "a subscriber in the process", user: null)
{
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly List<ArraySegment<byte>> _taken = [];
    private ReadOnlyMemory<byte> _rest;

    /// <summary>Its topics; set once, before anything comes of them.</summary>
    public SubscriptionSet? Subscriptions { get; set; }

    /// <summary>Reads what waits, and waits for something; 0 once the stream is over, or when the token is cancelled.</summary>
    /// <remarks>
    /// A frame that was begun is read to its end, also when the stream is over: of an event that is cut, the parser would know the id, from which the reader would go on
    /// behind an event that it never got.
    /// </remarks>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_rest.IsEmpty || TryTake())
            {
                var count = Math.Min(buffer.Length, _rest.Length);
                _rest[..count].CopyTo(buffer);
                _rest = _rest[count..];
                return count;
            }

            if (IsEnded || cancellationToken.IsCancellationRequested)
                return 0;
            try
            {
                await _waiting.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return 0;
            }
        }
    }

    private bool TryTake()
    {
        _taken.Clear();
        if (!TakePieces(_taken, 1))
            return false;
        _rest = _taken[0];
        Wrote(_rest.Length);
        return true;
    }

    protected override int TryWrite(ReadOnlySpan<byte> bytes) => 0;

    protected override void StartDraining() => _waiting.Release();

    protected override void Close(bool graceful) => _waiting.Release();

    // It has no place among the clients, and nobody is told of its end but its topics.
    protected override void OnEnded() => Subscriptions?.Leave();
}
