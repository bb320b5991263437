using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SseScaling.Connections;
using SseScaling.Topics;

namespace SseScaling.Cluster;

/// <summary>
/// Tells the application of the streams that begin and end on this replica: <see cref="SseOptions.OnConnected"/> and <see cref="SseOptions.OnDisconnected"/>, once each,
/// the second when the first is done. Any thread.
/// </summary>
internal sealed partial class StreamHooks : IHostedService
{
    private readonly ConcurrentDictionary<long, Task> _connected = new();
    private readonly ConcurrentDictionary<long, Task> _disconnecting = new();
    private readonly Func<SseConnection, Task>? _onConnected;
    private readonly Func<SseConnection, SseDisconnectReason, Task>? _onDisconnected;
    private readonly StreamActions _actions;
    private readonly ILogger<StreamHooks> _log;

    public StreamHooks(IOptions<SseOptions> options, ConnectionRegistry connections, StreamActions actions, ILogger<StreamHooks> log)
    {
        (_onConnected, _onDisconnected, _actions, _log) = (options.Value.OnConnected, options.Value.OnDisconnected, actions, log);
        if (AreSet)
            connections.StreamEnded += End;
    }

    private bool AreSet => _onConnected is not null || _onDisconnected is not null;

    /// <summary>A stream has begun.</summary>
    public void Begin(OpenStream stream)
    {
        if (!AreSet)
            return;
        _connected[stream.Connection.Number] = _onConnected is { } hook ? Task.Run(() => ConnectedAsync(stream, hook)) : Task.CompletedTask;

        // It may have ended before: then nobody else tells of it.
        if (stream.Connection.IsEnded)
            End(stream.Connection);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits for the calls of the streams that were drained: what they use is disposed afterwards.</summary>
    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_disconnecting.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void End(Connection connection)
    {
        if (!_connected.TryRemove(connection.Number, out var connected) || _onDisconnected is not { } hook || connection.Stream is not OpenStream stream)
            return;
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _disconnecting[connection.Number] = DisconnectedAsync(stream, hook, connected, begun.Task);
        begun.SetResult();
    }

    private async Task ConnectedAsync(OpenStream stream, Func<SseConnection, Task> hook)
    {
        try
        {
            // Until then it has no topics that could be told.
            await stream.WhenFollowing;
            await hook(_actions.Describe(stream));
        }
        catch (Exception e)
        {
            LogFailed(e, nameof(SseOptions.OnConnected), stream.Connection.Number);
        }
    }

    private async Task DisconnectedAsync(OpenStream stream, Func<SseConnection, SseDisconnectReason, Task> hook, Task connected, Task listed)
    {
        // Off the thread that ended the stream, which may hold locks.
        await listed;
        await connected;
        try
        {
            await hook(_actions.Describe(stream), stream.Connection.Reason);
        }
        catch (Exception e)
        {
            LogFailed(e, nameof(SseOptions.OnDisconnected), stream.Connection.Number);
        }

        _disconnecting.TryRemove(stream.Connection.Number, out _);
    }

    [LoggerMessage(23, LogLevel.Error, "[SSE] {Hook} has failed for client {Client}")]
    private partial void LogFailed(Exception failure, string hook, long client);
}
