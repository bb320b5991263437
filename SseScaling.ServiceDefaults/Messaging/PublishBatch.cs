using StackExchange.Redis;

namespace SseScaling.Messaging;

/// <summary>Up to <see cref="MaxCount"/> drafts of one call on their way to Redis. Not thread-safe: one call owns it.</summary>
internal sealed class PublishBatch(IReadOnlyList<EventDraft> drafts, int start, PublishedEvent[] results)
{
    /// <summary>
    /// Bounds what one call has in flight: at 50,000 events a second this is 10 ms of the server's time, beside which the wait for the
    /// last answer, a round trip of 0.1 ms, is little.
    /// </summary>
    public const int MaxCount = 512;

    private readonly Task<RedisResult>[] _answers = new Task<RedisResult>[Math.Min(MaxCount, drafts.Count - start)];

    /// <summary>Drafts that were published, from the first on without a hole.</summary>
    public int Done { get; private set; }

    /// <summary>
    /// Whether what is not done may be sent again: everything has a key, so nothing is published twice, and nothing of it stands before
    /// one that was accepted, so nothing is published out of order.
    /// </summary>
    public bool IsRepeatable
    {
        get
        {
            for (var i = Done; i < _answers.Length; i++)
            {
                if (drafts[start + i].Key is null || _answers[i] is { IsCompletedSuccessfully: true })
                    return false;
            }
            return true;
        }
    }

    /// <summary>Sends what is not done, in order, waits for every answer and throws the first failure.</summary>
    public async ValueTask SendAsync(IDatabase database, PublishCommand command, CancellationToken cancellationToken)
    {
        var stamp = command.Stamp();
        // The first one of many carries the script's text, so that the server knows the hashes behind it. A hash that it does not know is
        // sent again by the client library, and a later event of the topic overtakes it if another process loads the script in between.
        for (var i = Done; i < _answers.Length; i++)
            _answers[i] = command.SendAsync(database, drafts[start + i], stamp, byText: i == Done && _answers.Length > 1);

        await Task.WhenAll((Task[])_answers).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();

        for (; Done < _answers.Length; Done++)
            results[start + Done] = PublishCommand.Read(await _answers[Done]);
    }
}
