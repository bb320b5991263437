using System.Buffers.Text;
using System.Text;
using SseScaling.Protocol;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>Turns drafts into calls of the publishing script, and its answers into positions. Thread-safe.</summary>
internal sealed class PublishCommand(SseHistoryOptions options, TimeProvider time)
{
    // Ten microseconds of the server's time each: a call of so many topics holds up nobody for a millisecond.
    private const int MaxTopics = 64;

    // The server copies the event once for each topic, and once more for each subscriber.
    private const int MaxBytes = 1 << 20;

    private const ulong EpochMask = (1UL << 48) - 1;

    private readonly RedisScript _script = RedisScript.Publish(options);
    private ulong _lastEpoch = EventPosition.NewEpoch();

    /// <summary>What all events of a batch share.</summary>
    public PublishStamp Stamp() => PublishStamp.Now(time);

    /// <summary>How many drafts from one on are the same event for several topics, so that one call of the script publishes them: 1 to 64.</summary>
    public static int Alike(IReadOnlyList<SseEvent> drafts, int first, int count)
    {
        var draft = drafts[first];
        var most = Math.Min(count, Math.Clamp(MaxBytes / Math.Max(1, draft.Data.Length), 1, MaxTopics));
        var alike = 1;
        while (alike < most && (drafts[first + alike] with { Topic = draft.Topic }) == draft)
            alike++;
        return alike;
    }

    /// <summary>Publishes the same event for the topics of some drafts.</summary>
    /// <param name="database">Where to.</param>
    /// <param name="drafts">The drafts.</param>
    /// <param name="first">The first one of those that are <see cref="Alike"/>.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="stamp">When and by whom.</param>
    /// <param name="byText">Whether the script's text is sent instead of its hash.</param>
    public Task<RedisResult> SendAsync(IDatabase database, IReadOnlyList<SseEvent> drafts, int first, int count, PublishStamp stamp, bool byText)
    {
        var draft = drafts[first];
        var size = draft.Key is null ? 2 : 3;
        var keys = new RedisKey[count * size];
        var values = new RedisValue[3 + count];
        var tail = EventEnvelope.FormatTail(stamp.Micros, stamp.TraceParent, draft.Type, draft.Data.Span, draft.Collapse);
        values[0] = draft.Durable ? tail : EventEnvelope.Format(EventPosition.None, tail);
        values[1] = draft.Durable ? NextEpoch() : RedisValue.EmptyString;
        values[2] = size;
        for (var i = 0; i < count; i++)
        {
            var topic = drafts[first + i].Topic;
            keys[i * size] = RedisKeys.Head(topic);
            keys[(i * size) + 1] = RedisKeys.Stream(topic);
            if (draft.Key is { } key)
                keys[(i * size) + 2] = RedisKeys.IdempotencyKey(topic, key);
            values[3 + i] = topic;
        }

        return byText ? _script.RunByTextAsync(database, keys, values) : _script.RunAsync(database, keys, values);
    }

    /// <summary>Reads one of the script's answers: <c>["="] ("-" / position) / "!" message</c>.</summary>
    /// <exception cref="SseUnavailableException">Redis refused, or answered with something else.</exception>
    public static PublishedEvent Read(RedisValue answer)
    {
        var bytes = ((ReadOnlyMemory<byte>)answer).Span;
        if (bytes is [(byte)'!', ..])
            throw RedisFaults.Refused(Encoding.UTF8.GetString(bytes[1..]));
        var repeated = bytes is [(byte)'=', ..];
        if (repeated)
            bytes = bytes[1..];
        if (bytes is [(byte)'-'])
            return new PublishedEvent(EventPosition.None, repeated);
        return EventPosition.TryParse(bytes, out var position)
            ? new PublishedEvent(position, repeated)
            : throw new SseUnavailableException("Redis answered the publishing script with something that is not a position.");
    }

    /// <summary>
    /// The name of the stream in case there is none. Counted up from a random start rather than drawn: never the same twice in this
    /// process, so that a topic flushed twice gets two epochs, for a hundredth of the cost.
    /// </summary>
    private byte[] NextEpoch()
    {
        ulong epoch;
        do
            epoch = Interlocked.Increment(ref _lastEpoch) & EpochMask;
        while (epoch == 0);
        Span<byte> text = stackalloc byte[16];
        Utf8Formatter.TryFormat(epoch, text, out var length, 'x');
        return text[..length].ToArray();
    }
}
