namespace StackExchange.Redis;

internal abstract partial class CommandSet
{
    public Task<RedisResult> ScriptEvaluateAsync(
        string script, RedisKey[]? keys = null, RedisValue[]? values = null, CommandFlags flags = CommandFlags.None)
    {
        ArgumentException.ThrowIfNullOrEmpty(script);
        var known = Owner.Scripts.Get(script);
        if (flags.HasFlag(CommandFlags.NoScriptCache) || !known.TryUse(Owner.Interactive.Generation))
            return Send(Eval("EVAL"u8, script, keys, values), Replies.Result, flags);

        return Send(Eval("EVALSHA"u8, known.Hash, keys, values), new ScriptReply(this, script, keys, values), flags);
    }

    private static RespWriter Eval(ReadOnlySpan<byte> command, RedisValue script, RedisKey[]? keys, RedisValue[]? values) =>
        Command(command, 2 + (keys?.Length ?? 0) + (values?.Length ?? 0)).Add(script).Add(keys?.Length ?? 0).Add(keys ?? []).Add(values ?? []);

    /// <summary>Sends the script itself where the server answers that it does not know its hash (any more).</summary>
    private sealed class ScriptReply(
        CommandSet commands, string script, RedisKey[]? keys, RedisValue[]? values) : Reply<RedisResult>(Replies.ReadResult)
    {
        protected override void OnError(object? source, string message)
        {
            if (!message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                base.OnError(source, message);
                return;
            }

            commands.Owner.Interactive.Enqueue(Eval("EVAL"u8, script, keys, values).Written, Replies.Result, source);
        }
    }
}
