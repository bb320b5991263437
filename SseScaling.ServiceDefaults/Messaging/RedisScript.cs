using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SseScaling.Messaging;

/// <summary>A Lua script of <c>Messaging/Scripts</c> with its limits written in front, and the hash by which Redis knows it.</summary>
internal sealed class RedisScript
{
    /// <summary>A page of history ends once it holds this much, so that one reader never occupies the connection for long.</summary>
    public const int PageBytes = 256 * 1024;

    private RedisScript(string text)
    {
        Text = text;
#pragma warning disable CA5350 // Redis names its scripts by SHA-1; nothing is protected by it.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    /// <summary>The whole text, for EVAL.</summary>
    public string Text { get; }

    /// <summary>The text's SHA-1, for EVALSHA.</summary>
    public byte[] Hash { get; }

    /// <summary>The publishing script with the limits of these options.</summary>
    public static RedisScript Publish(MessagingOptions options) => new(string.Create(CultureInfo.InvariantCulture,
        $"""
        local HISTORY_LENGTH, HISTORY_IDLE_MS = {options.HistoryLength}, {Milliseconds(options.HistoryIdle)}
        local COUNTER_IDLE_MS, KEY_LIFETIME_MS = {Milliseconds(options.CounterIdle)}, {Milliseconds(options.KeyLifetime)}

        """) + Read("publish.lua"));

    /// <summary>The script that reads a page of history.</summary>
    public static RedisScript History() =>
        new(string.Create(CultureInfo.InvariantCulture, $"local PAGE_BYTES = {PageBytes}\n") + Read("history.lua"));

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static string Read(string name)
    {
        var resource = "SseScaling.Messaging.Scripts." + name;
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource {resource} is not in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
