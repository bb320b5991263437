using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace StackExchange.Redis;

/// <summary>The hashes of the scripts sent so far.</summary>
internal sealed class ScriptCache
{
    private readonly ConcurrentDictionary<string, KnownScript> _scripts = new(StringComparer.Ordinal);

    // Most programs send one script over and over; comparing references spares hashing its text.
    private KnownScript? _last;

    internal KnownScript Get(string script)
    {
        var last = _last;
        if (last is not null && ReferenceEquals(last.Text, script))
            return last;

        return _last = _scripts.GetOrAdd(script, static text => new KnownScript(text));
    }
}

/// <summary>A script, its hash, and the connection on which it was sent last.</summary>
internal sealed class KnownScript(string text)
{
    private int _generation;

    internal string Text { get; } = text;

    internal byte[] Hash { get; } = Encoding.ASCII.GetBytes(HashOf(text));

    /// <summary>
    /// Whether the script was sent on this connection. If not, it counts as sent from now on: the caller sends it, and whatever
    /// comes later on the same connection finds it there.
    /// </summary>
    internal bool TryUse(int generation) => Interlocked.Exchange(ref _generation, generation) == generation;

    // Redis names scripts by this hash; it protects nothing.
#pragma warning disable CA5350
    private static string HashOf(string text) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
}
