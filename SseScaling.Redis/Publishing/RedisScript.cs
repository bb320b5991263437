using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>A Lua script of <c>Messaging/Scripts</c>, with its limits written in front and its comments left out: clients and servers hash the text.</summary>
internal sealed class RedisScript
{
    /// <summary>A page of history ends once it holds this much, so that one reader never occupies the connection for long.</summary>
    public const int PageBytes = 256 * 1024;

    private RedisScript(string limits, string name) =>
        Text = limits + string.Join('\n', Read(name).Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal)));

    /// <summary>What Redis runs.</summary>
    public string Text { get; }

    /// <summary>The publishing script with the limits of these options.</summary>
    public static RedisScript Publish(SseHistoryOptions options) => new(
        string.Create(CultureInfo.InvariantCulture, $"""
            local HISTORY_LENGTH, HISTORY_IDLE_MS = {options.Length}, {options.Idle.TotalMilliseconds:F0}
            local COUNTER_IDLE_MS, KEY_LIFETIME_MS = {options.PositionIdle.TotalMilliseconds:F0}, {options.KeyLifetime.TotalMilliseconds:F0}

            """),
        "publish.lua");

    /// <summary>The script that reads a page of history.</summary>
    public static RedisScript History() => new(string.Create(CultureInfo.InvariantCulture, $"local PAGE_BYTES = {PageBytes}\n"), "history.lua");

    /// <summary>The script that enters a user's stream.</summary>
    public static RedisScript Enter() => new("", "enter.lua");

    /// <summary>Runs the script by its hash; the client library sends the text where the server does not know it.</summary>
    public Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] values) => database.ScriptEvaluateAsync(Text, keys, values);

    /// <summary>Runs the script by its text, after which the server knows the hash.</summary>
    public Task<RedisResult> RunByTextAsync(IDatabase database, RedisKey[] keys, RedisValue[] values) =>
        database.ScriptEvaluateAsync(Text, keys, values, CommandFlags.NoScriptCache);

    private static IEnumerable<string> Read(string name)
    {
        var resource = "SseScaling.Redis.Scripts." + name;
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource {resource} is not in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}
