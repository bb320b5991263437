using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Clients;

// What a client does with the events of its stream.
internal sealed partial class Client : ISseSink
{
    private const int MaxId = 4096;

    /// <inheritdoc />
    public void OnRetry(int milliseconds) => _retry = TimeSpan.FromMilliseconds(milliseconds);

    /// <inheritdoc />
    public void OnComment() => context.Counters.Comments++;

    /// <inheritdoc />
    public void OnEvent(in ReceivedEvent received)
    {
        if (received.HasId) KeepId(received.Id);
        if (received.Name.SequenceEqual("gap"u8)) OnGap();
        else if (received.Data.IsEmpty) return;
        else if (!EventPayload.TryRead(received.Data, out var payload)) context.Counters.Foreign++;
        else if (!payload.Topic.SequenceEqual(topic.NameBytes)) context.Counters.Misrouted++;
        else if (context.Run.Length == 0) Count(payload, (Clock.UnixMicroseconds - payload.UnixMicroseconds) * 1000);
        else if (payload.Run.SequenceEqual(context.Run)) Count(payload, context.Loop.ReceivedAt - payload.Sent);
        else context.Counters.Foreign++;
    }

    private void Count(in EventPayload payload, long latency)
    {
        var counters = context.Counters;
        counters.Received++;
        switch (_check.Accept(payload.Sequence))
        {
            case Arrival.Ahead: counters.UnexpectedGaps++; break;
            case Arrival.Late: counters.Misordered++; break;
            case Arrival.Repeated: counters.Repeated++; return;
        }
        var due = context.Loop.ReceivedAt - latency;
        if (due < context.MeasureFrom || due >= context.MeasureTo) return;
        counters.LastArrival = context.Loop.ReceivedAt;
        // What was published while this tool kept the client away says nothing about the server's latency, only how fast it catches up.
        if (due < _absentUntil) counters.CatchUp.Record(context.Loop.ReceivedAt - _startedAt);
        else counters.Latency.Record(latency);
    }

    private void OnGap()
    {
        context.Counters.GapEvents++;
        _check.Gap();
    }

    private void KeepId(ReadOnlySpan<byte> id)
    {
        // No server takes a longer header; resuming from the id before shows as repeated events.
        if (id.Length > MaxId) return;
        // Room for a longer one: positions grow by a digit now and then.
        if (id.Length > _lastId.Length) _lastId = new byte[id.Length + 8];
        id.CopyTo(_lastId);
        _lastIdLength = id.Length;
    }
}
