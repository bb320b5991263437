using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace StackExchange.Redis;

/// <summary>The name of a channel, and whether it is a literal name, a pattern or a sharded channel.</summary>
[SuppressMessage("Usage", "CA2225", Justification = "The API of StackExchange.Redis.")]
public readonly struct RedisChannel : IEquatable<RedisChannel>
{
    internal RedisChannel(byte[]? bytes, ChannelKind kind)
    {
        Bytes = bytes;
        Kind = kind;
    }

    internal byte[]? Bytes { get; }

    internal ChannelKind Kind { get; }

    /// <summary>Whether there is no name.</summary>
    public bool IsNullOrEmpty => Bytes is null || Bytes.Length == 0;

    /// <summary>Whether the name is a pattern (PSUBSCRIBE).</summary>
    public bool IsPattern => Kind == ChannelKind.Pattern;

    /// <summary>Whether the channel is sharded (SSUBSCRIBE).</summary>
    public bool IsSharded => Kind == ChannelKind.Sharded;

    /// <summary>A channel with exactly this name.</summary>
    public static RedisChannel Literal(string value) => new(Encoding.UTF8.GetBytes(value), ChannelKind.Literal);

    /// <summary>A channel with exactly this name; the bytes are not copied.</summary>
    public static RedisChannel Literal(byte[] value) => new(value, ChannelKind.Literal);

    /// <summary>All channels whose name matches this glob pattern.</summary>
    public static RedisChannel Pattern(string value) => new(Encoding.UTF8.GetBytes(value), ChannelKind.Pattern);

    /// <summary>All channels whose name matches this glob pattern; the bytes are not copied.</summary>
    public static RedisChannel Pattern(byte[] value) => new(value, ChannelKind.Pattern);

    /// <summary>A sharded channel with exactly this name.</summary>
    public static RedisChannel Sharded(string value) => new(Encoding.UTF8.GetBytes(value), ChannelKind.Sharded);

    /// <summary>A sharded channel with exactly this name; the bytes are not copied.</summary>
    public static RedisChannel Sharded(byte[]? value) => new(value, ChannelKind.Sharded);

    /// <summary>The name as text; decoded on every call.</summary>
    public static implicit operator string?(RedisChannel key) => key.Bytes is null ? null : Encoding.UTF8.GetString(key.Bytes);

    /// <summary>The name's bytes, not copied.</summary>
    public static implicit operator byte[]?(RedisChannel key) => key.Bytes;

    /// <summary>Whether name and kind are the same.</summary>
    public static bool operator ==(RedisChannel x, RedisChannel y) => x.Equals(y);

    /// <summary>Whether name or kind differ.</summary>
    public static bool operator !=(RedisChannel x, RedisChannel y) => !x.Equals(y);

    /// <inheritdoc/>
    public bool Equals(RedisChannel other) =>
        Kind == other.Kind && (Bytes is null) == (other.Bytes is null) && Bytes.AsSpan().SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RedisChannel other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes is null ? 0 : ChannelName.Hash(Bytes);

    /// <inheritdoc/>
    public override string ToString() => (string?)this ?? "(null)";
}

internal enum ChannelKind : byte
{
    Literal,
    Pattern,
    Sharded,
}
