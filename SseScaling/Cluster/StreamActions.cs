using SseScaling.Connections;
using SseScaling.Topics;

namespace SseScaling.Cluster;

/// <summary>Does to this replica's streams what a control message says, whichever replica it comes from. Any thread.</summary>
internal sealed partial class StreamActions(OpenStreams streams, ConnectionRegistry connections, ReplicaFigures figures, ILogger<StreamActions> log)
{
    // A change may cost a read or two; more at once would only lengthen the queue that live commands wait in.
    private const int MaxParallelChanges = 128;

    /// <summary>Does it, and returns the streams that were meant. Never fails; completes when they follow.</summary>
    public async Task<IReadOnlyList<OpenStream>> DoAsync(ControlMessage message)
    {
        var meant = Select(SseTarget.Parse(message.Target));
        switch (message.Kind)
        {
            case ControlKind.End:
                foreach (var stream in meant)
                    connections.End(stream.Connection, message.Reason, message.ForGood);
                break;
            case ControlKind.Join when message.Topic is { } topic:
                await ForEachAsync(meant, stream => JoinAsync(stream, topic));
                break;
            case ControlKind.Leave when message.Topic is { } topic:
                await ForEachAsync(meant, stream => stream.LeaveAsync(topic));
                break;
            case ControlKind.Refresh:
                await ForEachAsync(meant, stream => stream.RefreshAsync());
                break;
        }

        return meant;
    }

    public SseConnection Describe(OpenStream stream)
    {
        var name = new StreamName(figures.Instance, stream.Connection.Number);
        var openedAt = DateTimeOffset.FromUnixTimeMilliseconds(figures.OpenedMs(stream.Connection));
        return new SseConnection(name.ToString(), stream.Connection.User, stream.TopicNames, openedAt, name.Instance);
    }

    private IReadOnlyList<OpenStream> Select(SseTarget? target) => target?.Kind switch
    {
        TargetKind.All => [.. streams.All],
        TargetKind.User => streams.Of(target.Value),
        TargetKind.Topic => [.. streams.All.Where(stream => stream.TopicNames.Contains(target.Value))],
        TargetKind.Connection when StreamName.Parse(target.Value) is { } name && name.Instance == figures.Instance && streams.Find(name.Number) is { } stream => [stream],
        _ => [],
    };

    private async Task JoinAsync(OpenStream stream, string topic)
    {
        try
        {
            await stream.JoinAsync(topic);
        }
        catch (InvalidOperationException e)
        {
            LogNotJoined(stream.Connection.Number, topic, e.Message);
        }
    }

    private static Task ForEachAsync(IReadOnlyList<OpenStream> streams, Func<OpenStream, Task> change) =>
        Parallel.ForEachAsync(streams, new ParallelOptions { MaxDegreeOfParallelism = MaxParallelChanges }, async (stream, _) => await change(stream));

    [LoggerMessage(20, LogLevel.Warning, "[SSE] Client {Client} cannot join {Topic}: {Reason}")]
    private partial void LogNotJoined(long client, string topic, string reason);
}
