namespace StackExchange.Redis;

internal sealed partial class RedisLink
{
    private readonly Lock _gate = new();
    private readonly Queue<WaitingCommand> _backlog = new();

    /// <summary>Sends a complete command; its bytes are copied before this returns.</summary>
    internal Task<T> Send<T>(RespWriter request, Reply<T> reply, CommandFlags flags)
    {
        if (flags.HasFlag(CommandFlags.FireAndForget))
        {
            Enqueue(request.Written, reply, null);
            return NoResult<T>.Task;
        }

        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(request.Written, reply, source);
        return source.Task;
    }

    internal void Enqueue(ReadOnlySpan<byte> request, Reply reply, object? source)
    {
        if (_connection is not { } connection || !connection.TrySend(request, reply, source))
            Wait(new WaitingCommand(request.ToArray(), reply, source, Environment.TickCount64));
    }

    internal void EnqueueAll(IReadOnlyList<WaitingCommand> commands)
    {
        for (var i = _connection?.TrySendAll(commands) ?? 0; i < commands.Count; i++)
            Wait(commands[i] with { Since = Environment.TickCount64 });
    }

    /// <summary>Writes a command only if there is a connection.</summary>
    internal bool TrySend(ReadOnlySpan<byte> request, Reply reply, object? source) =>
        _connection is { } connection && connection.TrySend(request, reply, source);

    internal RedisConnectionException NotConnected() => new(
        ConnectionFailureType.UnableToResolvePhysicalConnection,
        $"No connection to {EndPointCollection.ToString(_options.EndPoints[0])} is available: {_lastFailure?.Message ?? State}",
        _lastFailure,
        CommandStatus.WaitingToBeSent);

    private string State => _connection is { IsFull: true } ? "the server does not read what was sent before." : "it is being opened.";

    /// <summary>Called several times a second.</summary>
    internal void Check(long now)
    {
        _connection?.Check(now, _options.AsyncTimeout, _options.KeepAlive);
        while (TryTakeWaiting(now - _options.AsyncTimeout, out var expired))
        {
            expired.Reply.Fail(
                expired.Source,
                new RedisTimeoutException($"No connection within {_options.AsyncTimeout} ms: {_lastFailure?.Message}", CommandStatus.WaitingInBacklog));
        }
    }

    private void Wait(WaitingCommand command)
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                command.Reply.Fail(command.Source, new ObjectDisposedException(nameof(ConnectionMultiplexer)));
                return;
            }

            // A connection may have come meanwhile; it is published under this lock, behind everything that waits.
            if (_connection is { } connection && connection.TrySend(command.Request, command.Reply, command.Source))
                return;

            if (_options.BacklogPolicy.QueueWhileDisconnected && _connection is not { IsFull: true })
            {
                _backlog.Enqueue(command);
                return;
            }
        }

        command.Reply.Fail(command.Source, NotConnected());
    }

    /// <summary>Lets the connection be used: first by the subscriptions, then by the commands that wait, in their order.</summary>
    private Task PublishAsync(RedisConnection connection)
    {
        if (_receiver is not null)
            return _receiver.ResumeAsync(connection, () => Use(connection));

        Use(connection);
        return Task.CompletedTask;
    }

    private void Use(RedisConnection connection)
    {
        lock (_gate)
        {
            while (_backlog.TryDequeue(out var command))
            {
                if (!connection.TrySend(command.Request, command.Reply, command.Source))
                    command.Reply.Fail(command.Source, NotConnected());
            }

            _connection = connection;
        }
    }

    private bool TryTakeWaiting(long before, out WaitingCommand command)
    {
        lock (_gate)
            return _backlog.TryPeek(out command) && command.Since < before && _backlog.TryDequeue(out command);
    }

    private void FailWaitingIfAsked(RedisConnectionException reason)
    {
        if (_options.BacklogPolicy.AbortPendingOnConnectionFailure)
            FailWaiting(reason);
    }

    private void FailWaiting(Exception reason)
    {
        while (TryTakeWaiting(long.MaxValue, out var command))
            command.Reply.Fail(command.Source, reason);
    }

    private static class NoResult<T>
    {
        internal static readonly Task<T> Task = System.Threading.Tasks.Task.FromResult(default(T)!);
    }
}
