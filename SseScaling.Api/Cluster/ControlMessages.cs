using System.Buffers.Text;
using SseScaling.Api.Delivery;
using SseScaling.Messaging;

namespace SseScaling.Api.Cluster;

/// <summary>What replicas tell each other: <c>"end " number</c> on the addressee's channel ends one of its streams.</summary>
internal sealed class ControlMessages(ConnectionRegistry connections) : ITopicReceiver
{
    public static string End(long number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"end {number}");

    public void Receive(ReadOnlyMemory<byte> message)
    {
        var text = message.Span;
        if (!text.StartsWith("end "u8) || !Utf8Parser.TryParse(text[4..], out long number, out var used) || used != text.Length - 4)
            return;

        // Ending writes to the client's socket and takes locks: not on the reader of the Redis connection.
        ThreadPool.UnsafeQueueUserWorkItem(static s => s.Connections.Replace(s.Number), (Connections: connections, Number: number), preferLocal: false);
    }
}
