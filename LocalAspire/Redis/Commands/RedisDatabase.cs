namespace StackExchange.Redis;

/// <summary>Sends each command at once.</summary>
internal sealed class RedisDatabase(ConnectionMultiplexer multiplexer, int database) : CommandSet(multiplexer, database), IDatabase
{
    public IBatch CreateBatch(object? asyncState = null) => new RedisBatch(Owner, Database);

    protected override Task<T> Send<T>(RespWriter request, Reply<T> reply, CommandFlags flags) =>
        Owner.Interactive.Send(request, reply, flags);
}

/// <summary>Keeps commands until <see cref="Execute"/>.</summary>
internal sealed class RedisBatch(ConnectionMultiplexer multiplexer, int database) : CommandSet(multiplexer, database), IBatch
{
    private List<WaitingCommand> _commands = [];

    public void Execute()
    {
        var commands = _commands;
        _commands = [];
        Owner.Interactive.EnqueueAll(commands);
    }

    protected override Task<T> Send<T>(RespWriter request, Reply<T> reply, CommandFlags flags)
    {
        var source = flags.HasFlag(CommandFlags.FireAndForget)
            ? null
            : new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands.Add(new WaitingCommand(request.Written.ToArray(), reply, source, Environment.TickCount64));
        return source?.Task ?? Task.FromResult(default(T)!);
    }
}
