using SseScaling.Protocol;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>Up to <see cref="MaxCount"/> drafts of one call on their way to Redis. Not thread-safe: one call owns it.</summary>
internal sealed class PublishBatch(IReadOnlyList<SseEvent> drafts, int start, PublishedEvent[] results)
{
    /// <summary>
    /// Bounds what one call has in flight: at 50,000 events a second this is 10 ms of the server's time, beside which the wait for the
    /// last answer, a round trip of 0.1 ms, is little.
    /// </summary>
    public const int MaxCount = 512;

    private readonly int _count = Math.Min(MaxCount, drafts.Count - start);
    private readonly List<(int Start, int Count, Task<RedisResult> Answer)> _commands = [];

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
            for (var i = Done; i < _count; i++)
            {
                if (drafts[start + i].Key is null)
                    return false;
            }

            return !_commands.Exists(command => command.Start >= Done && command.Answer.IsCompletedSuccessfully);
        }
    }

    /// <summary>Sends what is not done, in order, waits for every answer and throws the first failure.</summary>
    /// <param name="database">Where to.</param>
    /// <param name="command">Makes the calls.</param>
    /// <param name="canShare">Whether one call may concern several topics.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="SseUnavailableException">It was sent before, by a pipeline that repeats what is not <see cref="IsRepeatable"/>.</exception>
    public async ValueTask SendAsync(IDatabase database, PublishCommand command, bool canShare, CancellationToken cancellationToken)
    {
        if (_commands.Count > 0 && !IsRepeatable)
            throw new SseUnavailableException("Redis did not answer in time; what may have been published is not sent again without a key.");
        var stamp = command.Stamp();
        _commands.Clear();
        // The first one of many carries the script's text, so that the server knows the hashes behind it. A hash that it does not know is
        // sent again by the client library, and a later event of the topic overtakes it if another process loads the script in between.
        for (var next = Done; next < _count;)
        {
            var size = canShare ? PublishCommand.Alike(drafts, start + next, _count - next) : 1;
            var byText = next == Done && next + size < _count;
            _commands.Add((next, size, command.SendAsync(database, drafts, start + next, size, stamp, byText)));
            next += size;
        }

        await Task.WhenAll(_commands.Select(sent => (Task)sent.Answer)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();

        foreach (var (first, count, answer) in _commands)
        {
            var answers = (RedisValue[]?)await answer ?? [];
            for (var i = 0; i < count; i++, Done++)
                results[start + first + i] = PublishCommand.Read(i < answers.Length ? answers[i] : RedisValue.Null);
        }
    }
}
