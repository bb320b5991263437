using System.Text;
using SseScaling.Protocol;

namespace SseScaling.Benchmarks;

/// <summary>Messages as they come from Redis: 200 bytes of JSON in an envelope.</summary>
internal static class Envelopes
{
    public static readonly byte[] Json = Encoding.UTF8.GetBytes("{\"type\":\"like\",\"userId\":1,\"text\":\"" + new string('x', 160) + "\"}");

    private static readonly byte[] Tail = EventEnvelope.FormatTail(1_763_822_000_000_000, null, null, Json);

    public static ReadOnlyMemory<byte> Message(ulong epoch, long offset) => EventEnvelope.Format(new EventPosition(epoch, offset), Tail);

    public static ReadOnlyMemory<byte>[] Messages(int count) => [.. Enumerable.Range(1, count).Select(i => Message(0xabcdef, i))];
}
