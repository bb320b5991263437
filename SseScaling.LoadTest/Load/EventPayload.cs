using System.Buffers;
using System.Buffers.Text;

namespace SseScaling.LoadTest.Load;

/// <summary>What one event of a load test carries, read from its JSON; the spans point into it.</summary>
internal readonly ref struct EventPayload(ReadOnlySpan<byte> run, ReadOnlySpan<byte> topic, long sequence, long sent, long unixMicroseconds)
{
    // Order and spelling are ours: a server that hands on data unchanged lets it be read without a JSON parser, at tens of ns.
    private static ReadOnlySpan<byte> RunField => "\"run\":\""u8;
    private static ReadOnlySpan<byte> TopicField => "\"topic\":\""u8;
    private static ReadOnlySpan<byte> SequenceField => "\"seq\":"u8;
    private static ReadOnlySpan<byte> SentField => "\"sent\":"u8;
    private static ReadOnlySpan<byte> UnixField => "\"unixMicros\":"u8;

    /// <summary>The load test process that published it.</summary>
    public ReadOnlySpan<byte> Run { get; } = run;

    /// <summary>The topic it was published to.</summary>
    public ReadOnlySpan<byte> Topic { get; } = topic;

    /// <summary>Its number in its topic, from 0.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>When the schedule wanted it sent, in nanoseconds of the publishing process's <see cref="Measure.Clock"/>.</summary>
    public long Sent { get; } = sent;

    /// <summary>The same moment on the wall clock, for processes on other machines.</summary>
    public long UnixMicroseconds { get; } = unixMicroseconds;

    /// <summary>Writes the JSON of an event.</summary>
    /// <param name="writer">Takes it.</param>
    /// <param name="run">Names this process; letters and digits.</param>
    /// <param name="topic">The topic; must not need escaping in JSON.</param>
    /// <param name="scheduled">What and when.</param>
    /// <param name="size">Filled up to this many bytes; smaller than the fields take means no filling.</param>
    public static void Write(ArrayBufferWriter<byte> writer, byte[] run, byte[] topic, in Scheduled scheduled, int size)
    {
        var start = writer.WrittenCount;
        writer.Write("{\"type\":\"load-test\","u8);
        writer.Write(RunField); writer.Write(run); writer.Write("\","u8);
        writer.Write(TopicField); writer.Write(topic); writer.Write("\","u8);
        writer.Write(SequenceField); Number(writer, scheduled.Sequence); writer.Write(","u8);
        writer.Write(SentField); Number(writer, scheduled.Due); writer.Write(","u8);
        writer.Write(UnixField); Number(writer, scheduled.UnixMicroseconds); writer.Write(",\"fill\":\""u8);
        var fill = Math.Max(0, size - (writer.WrittenCount - start) - 2);
        writer.GetSpan(fill)[..fill].Fill((byte)'x');
        writer.Advance(fill);
        writer.Write("\"}"u8);
    }

    /// <summary>Reads an event's data.</summary>
    /// <returns>False if this tool did not publish it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, out EventPayload payload)
    {
        payload = default;
        if (!Text(ref data, RunField, out var run) || !Text(ref data, TopicField, out var topic)) return false;
        if (!Number(ref data, SequenceField, out var sequence) || !Number(ref data, SentField, out var sent)) return false;
        if (!Number(ref data, UnixField, out var unix)) return false;
        payload = new EventPayload(run, topic, sequence, sent, unix);
        return true;
    }

    /// <summary>A topic that can stand in JSON, in a URL template and in a Redis command as it is.</summary>
    public static bool IsPlain(string topic) =>
        topic.Length is > 0 and <= 200 && topic.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.' or '/');

    private static void Number(ArrayBufferWriter<byte> writer, long value)
    {
        Utf8Formatter.TryFormat(value, writer.GetSpan(20), out var written);
        writer.Advance(written);
    }

    private static bool Text(scoped ref ReadOnlySpan<byte> data, ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        value = default;
        var at = data.IndexOf(field);
        if (at < 0) return false;
        data = data[(at + field.Length)..];
        var end = data.IndexOf((byte)'"');
        if (end < 0) return false;
        value = data[..end];
        data = data[end..];
        return true;
    }

    private static bool Number(scoped ref ReadOnlySpan<byte> data, ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        var at = data.IndexOf(field);
        if (at < 0) return false;
        data = data[(at + field.Length)..];
        if (!Utf8Parser.TryParse(data, out value, out var read)) return false;
        data = data[read..];
        return true;
    }
}
