namespace StackExchange.Redis;

/// <summary>What databases and subscribers have in common.</summary>
public interface IRedisAsync
{
    /// <summary>The connections this belongs to.</summary>
    IConnectionMultiplexer Multiplexer { get; }

    /// <summary>Sends a PING and returns how long the reply took.</summary>
    Task<TimeSpan> PingAsync(CommandFlags flags = CommandFlags.None);
}

/// <summary>What databases and subscribers have in common; the stand-in has no synchronous commands.</summary>
public interface IRedis : IRedisAsync;

/// <summary>A database: its commands and batches. Safe for all threads; cheap to create.</summary>
public interface IDatabase : IRedis, IDatabaseAsync
{
    /// <summary>The database's number.</summary>
    int Database { get; }

    /// <summary>A list of commands that are sent together by <see cref="IBatch.Execute"/>.</summary>
    IBatch CreateBatch(object? asyncState = null);
}

/// <summary>A list of commands that are sent together. Not safe for several threads.</summary>
public interface IBatch : IDatabaseAsync
{
    /// <summary>Sends the commands called so far, one right behind the other. Only then do their tasks complete.</summary>
    void Execute();
}

/// <summary>
/// The commands. All of them are pipelined on one connection in the order of the calls. They fail with
/// <see cref="RedisServerException"/> (the server's error), <see cref="RedisConnectionException"/> (no connection, or it broke before
/// the reply: the command may have been executed), <see cref="RedisTimeoutException"/> (it may still be executed) and
/// <see cref="ObjectDisposedException"/>.
/// </summary>
public partial interface IDatabaseAsync : IRedisAsync
{
    /// <summary>Sends any command.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="args">Its arguments: keys, values, texts, bytes or numbers.</param>
    Task<RedisResult> ExecuteAsync(string command, params object[] args);

    /// <summary>Sends any command.</summary>
    Task<RedisResult> ExecuteAsync(string command, ICollection<object>? args, CommandFlags flags = CommandFlags.None);

    /// <summary>PUBLISH: returns how many clients of this server received the message.</summary>
    Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None);

    /// <summary>
    /// Runs a script: by EVALSHA where this connection has sent the script before, else by EVAL. A script that the server has lost
    /// (SCRIPT FLUSH) is sent again by EVAL, which then runs behind commands sent meanwhile.
    /// </summary>
    Task<RedisResult> ScriptEvaluateAsync(
        string script, RedisKey[]? keys = null, RedisValue[]? values = null, CommandFlags flags = CommandFlags.None);
}
