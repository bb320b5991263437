using System.Buffers.Text;
using SseScaling.Backplane;
using SseScaling.Connections;

namespace SseScaling.Api.Cluster;

/// <summary>
/// What replicas tell each other on the addressee's channel: <c>"end " number</c> ends one of its streams, <c>"stop"</c> has it stop, where that is allowed.
/// </summary>
internal sealed class ControlMessages(ConnectionRegistry connections, ReplicaStop stop) : ITopicReceiver
{
    public const string Stop = "stop";

    public static string End(long number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"end {number}");

    public void Receive(ReadOnlyMemory<byte> message)
    {
        var text = message.Span;
        if (text.SequenceEqual("stop"u8))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static stop => stop.Heed(), stop, preferLocal: false);
            return;
        }

        if (!text.StartsWith("end "u8) || !Utf8Parser.TryParse(text[4..], out long number, out var used) || used != text.Length - 4)
            return;

        // Ending writes to the client's socket and takes locks: not on the reader of the Redis connection.
        ThreadPool.UnsafeQueueUserWorkItem(static s => s.Connections.Replace(s.Number), (Connections: connections, Number: number), preferLocal: false);
    }
}
