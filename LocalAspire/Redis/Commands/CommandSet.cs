using System.Globalization;
using System.Text;

namespace StackExchange.Redis;

/// <summary>The commands' wire form. Where a command goes, at once or into a batch, is up to <see cref="Send"/>.</summary>
internal abstract partial class CommandSet(ConnectionMultiplexer multiplexer, int database) : IDatabaseAsync
{
    public IConnectionMultiplexer Multiplexer => Owner;

    public int Database => database;

    protected ConnectionMultiplexer Owner { get; } = multiplexer;

    public Task<TimeSpan> PingAsync(CommandFlags flags = CommandFlags.None) => Send(Command("PING"u8, 0), new PingReply(), flags);

    public Task<RedisResult> ExecuteAsync(string command, params object[] args) => ExecuteAsync(command, args, CommandFlags.None);

    public Task<RedisResult> ExecuteAsync(string command, ICollection<object>? args, CommandFlags flags = CommandFlags.None)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(command);
        var request = Command(Encoding.UTF8.GetBytes(command), args?.Count ?? 0);
        foreach (var arg in args ?? [])
            request.Add(Argument(arg));

        return Send(request, Replies.Result, flags);
    }

    public Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None) =>
        Send(Command(channel.IsSharded ? "SPUBLISH"u8 : "PUBLISH"u8, 2).Add(channel.Bytes).Add(OrEmpty(message)), Replies.Integer, flags);

    /// <summary>Sends a complete command, or keeps it for later; its bytes are copied before this returns.</summary>
    protected abstract Task<T> Send<T>(RespWriter request, Reply<T> reply, CommandFlags flags);

    protected static RespWriter Command(ReadOnlySpan<byte> name, int arguments) => RespWriter.Command(name, arguments);

    private static RedisValue OrEmpty(RedisValue value) => value.IsNull ? RedisValue.EmptyString : value;

    private static RedisValue Argument(object value) => value switch
    {
        RedisValue known => known,
        RedisKey key => key.AsValue(),
        RedisChannel channel => channel.Bytes,
        string text => text,
        byte[] bytes => bytes,
        ReadOnlyMemory<byte> bytes => bytes,
        bool flag => flag,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new RedisCommandException($"An argument of type {value?.GetType().Name ?? "null"} cannot be sent."),
    };
}

/// <summary>Measures from its creation to the reply.</summary>
internal sealed class PingReply : Reply<TimeSpan>
{
    internal PingReply()
        : this(System.Diagnostics.Stopwatch.GetTimestamp())
    {
    }

    private PingReply(long start)
        : base((ref RespReader _) => System.Diagnostics.Stopwatch.GetElapsedTime(start))
    {
    }
}
