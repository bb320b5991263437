using System.Buffers.Text;
using SseScaling.Backplane;
using SseScaling.Protocol;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>Reads what the publishing script keeps: pages of a topic's stream, and the heads of many topics. Thread-safe.</summary>
internal sealed class EventHistory(RedisLink link)
{
    // In flight at once; more would only lengthen the queue that live commands wait in.
    private const int HeadsPerTurn = 512;

    private readonly RedisScript _script = RedisScript.History();

    /// <summary>Reads the durable events behind an offset: at most <paramref name="maxCount"/> or about 256 KiB, at least one if there is one.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="afterOffset">The last offset that is known already; 0 for none.</param>
    /// <param name="maxCount">1 to <see cref="HistoryPage.MaxCount"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="SseUnavailableException">Redis is away, frozen or refuses.</exception>
    public async Task<HistoryPage> ReadHistoryAsync(string topic, long afterOffset, int maxCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterOffset);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxCount, HistoryPage.MaxCount);
        return Read(await link.AskAsync(
            database => _script.RunAsync(database, [RedisKeys.Head(topic), RedisKeys.Stream(topic)], [afterOffset, maxCount]), cancellationToken));
    }

    /// <summary>Reads the current head of many topics, in the order asked; <see cref="EventPosition.None"/> for a topic without a stream.</summary>
    /// <exception cref="SseUnavailableException">Redis is away, frozen or refuses.</exception>
    public async Task<IReadOnlyList<EventPosition>> ReadHeadsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        var heads = new EventPosition[topics.Count];
        for (var start = 0; start < heads.Length; start += HeadsPerTurn)
        {
            // One GET for each topic, pipelined: an MGET would need all topics in one slot of a cluster.
            var asked = topics.Skip(start).Take(HeadsPerTurn);
            var values = await link.AskAsync(
                database => Task.WhenAll(asked.Select(topic => database.StringGetAsync(RedisKeys.Head(topic)))), cancellationToken);
            for (var i = 0; i < values.Length; i++)
                heads[start + i] = values[i].IsNull ? EventPosition.None : ReadPosition(values[i]);
        }

        return heads;
    }

    /// <summary>Reads the script's reply: <c>head first *envelope</c>.</summary>
    private static HistoryPage Read(RedisResult result)
    {
        var reply = (RedisValue[]?)result ?? [];
        if (reply.Length < 2)
            throw new SseUnavailableException("Redis answered the history script with something that is not a page.");
        var head = ReadPosition(reply[0]);
        ReadOnlyMemory<byte> oldest = reply[1];
        var first = Utf8Parser.TryParse(oldest.Span, out long offset, out _) ? offset : head.Offset + 1;
        return new HistoryPage(head, first, Array.ConvertAll(reply[2..], envelope => (ReadOnlyMemory<byte>)envelope));
    }

    private static EventPosition ReadPosition(RedisValue text)
    {
        ReadOnlyMemory<byte> bytes = text;
        return EventPosition.TryParse(bytes.Span, out var position)
            ? position
            : throw new SseUnavailableException("A topic's head in Redis is not a position; something else has written it.");
    }
}
