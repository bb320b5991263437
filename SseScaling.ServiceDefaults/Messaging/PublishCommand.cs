using System.Buffers.Text;
using StackExchange.Redis;

namespace SseScaling.Messaging;

/// <summary>Turns a draft into one call of the publishing script, and its answer into a position. Thread-safe.</summary>
internal sealed class PublishCommand(MessagingOptions options, TimeProvider time)
{
    private const ulong EpochMask = (1UL << 48) - 1;

    private readonly RedisScript _script = RedisScript.Publish(options);
    private ulong _lastEpoch = StreamPosition.NewEpoch();

    /// <summary>What all events of a batch share.</summary>
    public PublishStamp Stamp() => PublishStamp.Now(time);

    public Task<RedisResult> SendAsync(IDatabase database, EventDraft draft, PublishStamp stamp, bool byText)
    {
        var keys = Keys(draft);
        var values = Values(draft, EventEnvelope.FormatTail(stamp.Micros, stamp.TraceParent, draft.EventName, draft.Data.Span, draft.Collapse));
        return byText ? _script.RunByTextAsync(database, keys, values) : _script.RunAsync(database, keys, values);
    }

    /// <summary>Reads the script's reply: <c>["="] ("-" / position)</c>.</summary>
    public static PublishedEvent Read(RedisResult result)
    {
        ReadOnlySpan<byte> reply = (byte[]?)result;
        var repeated = reply is [(byte)'=', ..];
        if (repeated)
            reply = reply[1..];
        if (reply is [(byte)'-'])
            return new PublishedEvent(StreamPosition.None, repeated);
        return StreamPosition.TryParse(reply, out var position)
            ? new PublishedEvent(position, repeated)
            : throw new MessagingUnavailableException("Redis answered the publishing script with something that is not a position.");
    }

    private static RedisKey[] Keys(EventDraft draft)
    {
        var (head, stream) = (RedisNames.Head(draft.Topic), RedisNames.Stream(draft.Topic));
        return draft.Key is { } key ? [head, stream, RedisNames.IdempotencyKey(draft.Topic, key)] : [head, stream];
    }

    private RedisValue[] Values(EventDraft draft, byte[] tail) =>
        draft.Durable ? [draft.Topic, tail, NextEpoch()] : [draft.Topic, EventEnvelope.Format(StreamPosition.None, tail)];

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
