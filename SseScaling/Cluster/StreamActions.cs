using SseScaling.Authorization;
using SseScaling.Connections;
using SseScaling.Hosting;
using SseScaling.Topics;

namespace SseScaling.Cluster;

/// <summary>Does to this replica's streams what a control message says, whichever replica it comes from. Any thread.</summary>
internal sealed partial class StreamActions(
    OpenStreams streams, ConnectionRegistry connections, Revocations revocations, ReplicaFigures figures, TimeProvider time, ILogger<StreamActions> log)
{
    // A change may cost a read or two; more at once would only lengthen the queue that live commands wait in.
    private const int MaxParallelChanges = 128;

    /// <summary>Does it, and returns the streams that were meant; completes when they follow.</summary>
    /// <exception cref="SseUnavailableException">A right is to be revoked, and the store of revocations is away.</exception>
    public async Task<IReadOnlyList<OpenStream>> DoAsync(ControlMessage message)
    {
        // Known before the streams are ended: whoever comes meanwhile is refused, or ended here.
        if (message.Reason == SseDisconnectReason.Revoked)
            await revocations.ReadAsync(CancellationToken.None);
        var meant = Select(SseTarget.Parse(message.Target));
        switch (message.Kind)
        {
            case ControlKind.End when message.IssuedBeforeMs > 0:
                meant = [.. meant.Where(stream => stream.Connection.Right?.WasIssuedBefore(message.IssuedBeforeMs) != false)];
                goto case ControlKind.End;
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
            case ControlKind.Renew when meant is [{ Connection: { Right: { } old } connection } stream] && old.User == message.User:
                connection.Right = StreamRight.Of(old.User, message.TokenId, message.IssuedAt, message.ExpiresAt, time.GetUtcNow(), time.Milliseconds());
                connection.Right.StreamId = old.StreamId;
                await stream.RevokeAsync(message.Topics ?? []);
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
        TargetKind.User => [.. streams.Of(target.Value).Union(streams.All.Where(stream => stream.Connection.Right?.User == target.Value))],
        TargetKind.Token => [.. streams.All.Where(stream => stream.Connection.Right?.TokenId == target.Value)],
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
