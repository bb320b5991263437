using SseScaling.Backplane;

namespace SseScaling.Redis;

/// <summary>
/// Runs what is posted to it at once, on the thread that posts. What awaits a channel of the Redis client under it goes on on the reader of the
/// connection, where it would else wait for a thread of the pool: one thread less for each message, which costs more than all else that is done with one.
/// </summary>
/// <remarks>Stateless. Only for work that ends at once, as <see cref="ITopicReceiver.Receive"/> does.</remarks>
internal sealed class InlineContext : SynchronizationContext
{
    private static readonly InlineContext Instance = new();

    /// <summary>Starts an asynchronous method that goes on under this context.</summary>
    public static void Start(Action begin) => Instance.Post(static begin => ((Action)begin!)(), begin);

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            d(state);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }
}
