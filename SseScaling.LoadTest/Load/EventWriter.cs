using System.Buffers;
using System.Text;

namespace SseScaling.LoadTest.Load;

/// <summary>Writes events as the API and as Redis want them.</summary>
/// <remarks>Each publisher has its own, and uses it by one thread at a time.</remarks>
/// <param name="run">This run's name.</param>
/// <param name="size">The size of the published JSON, in bytes.</param>
/// <param name="durable">Whether the server shall keep events for resuming.</param>
internal sealed class EventWriter(byte[] run, int size, bool durable)
{
    private readonly ArrayBufferWriter<byte> _payload = new(1024);

    /// <summary>One element of the array that POST /api/publish takes.</summary>
    public void WriteApi(ArrayBufferWriter<byte> target, in Scheduled scheduled)
    {
        target.Write("{\"topic\":\""u8);
        target.Write(scheduled.Topic.NameBytes);
        target.Write(durable ? "\",\"data\":"u8 : "\",\"durable\":false,\"data\":"u8);
        EventPayload.Write(target, run, scheduled.Topic.NameBytes, scheduled, size);
        target.Write("}"u8);
    }

    /// <summary>One PUBLISH command.</summary>
    public void WriteRedis(ArrayBufferWriter<byte> target, in Scheduled scheduled)
    {
        _payload.ResetWrittenCount();
        EventPayload.Write(_payload, run, scheduled.Topic.NameBytes, scheduled, size);
        target.Write(Encoding.ASCII.GetBytes($"*3\r\n$7\r\nPUBLISH\r\n${scheduled.Topic.NameBytes.Length}\r\n"));
        target.Write(scheduled.Topic.NameBytes);
        target.Write(Encoding.ASCII.GetBytes($"\r\n${_payload.WrittenCount}\r\n"));
        target.Write(_payload.WrittenSpan);
        target.Write("\r\n"u8);
    }
}
