using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Clients;

/// <summary>What a client can be woken up for.</summary>
internal enum ClientTimer
{
    /// <summary>Open the stream.</summary>
    Connect,

    /// <summary>Drop it, to resume.</summary>
    Drop,

    /// <summary>Give up waiting for the response's head.</summary>
    HeadTimeout,
}

/// <summary>All timers of one receive loop in one queue. Used under the loop's gate.</summary>
internal sealed class ClientTimers
{
    private readonly PriorityQueue<(Client Client, ClientTimer Timer, int Attempt), long> _queue = new();

    /// <summary>Wakes <paramref name="client"/> up after <paramref name="wait"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="timer">What for.</param>
    /// <param name="attempt">The connection that it is about: the client ignores timers of earlier ones.</param>
    /// <param name="wait">How long from now.</param>
    public void Add(Client client, ClientTimer timer, int attempt, TimeSpan wait) =>
        _queue.Enqueue((client, timer, attempt), Clock.Now + Clock.Nanoseconds(wait));

    /// <summary>Wakes everyone up who is due.</summary>
    /// <param name="atMost">So many at once, so that receiving is not held up.</param>
    /// <returns>How long until the next is due, at most 50 ms.</returns>
    public TimeSpan Run(int atMost = 64)
    {
        for (var done = 0; _queue.TryPeek(out var entry, out var due); done++)
        {
            var wait = due - Clock.Now;
            if (done == atMost) return TimeSpan.Zero;
            if (wait > 0) return TimeSpan.FromMilliseconds(Math.Min(50, wait / 1e6));
            _queue.Dequeue();
            entry.Client.Due(entry.Timer, entry.Attempt);
        }
        return TimeSpan.FromMilliseconds(50);
    }
}
