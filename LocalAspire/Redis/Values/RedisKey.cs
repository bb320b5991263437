using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace StackExchange.Redis;

/// <summary>The name of a key: text or bytes. Two keys are equal when their bytes are.</summary>
[SuppressMessage("Usage", "CA2225", Justification = "The API of StackExchange.Redis.")]
public readonly struct RedisKey : IEquatable<RedisKey>
{
    private readonly object? _value;

    /// <summary>A key with this name; null is no key.</summary>
    public RedisKey(string? key) => _value = key;

    private RedisKey(byte[]? key) => _value = key;

    internal bool IsNull => _value is null;

    internal RedisValue AsValue() => _value is string text ? text : (RedisValue)(byte[]?)_value;

    /// <summary>A key from text.</summary>
    public static implicit operator RedisKey(string? key) => new(key);

    /// <summary>A key from bytes, which are not copied.</summary>
    public static implicit operator RedisKey(byte[]? key) => new(key);

    /// <summary>The key as text.</summary>
    public static implicit operator string?(RedisKey key) =>
        key._value as string ?? (key._value is byte[] b ? Encoding.UTF8.GetString(b) : null);

    /// <summary>The key as bytes.</summary>
    public static implicit operator byte[]?(RedisKey key) =>
        key._value as byte[] ?? (key._value is string s ? Encoding.UTF8.GetBytes(s) : null);

    /// <summary>Whether both keys have the same bytes.</summary>
    public static bool operator ==(RedisKey x, RedisKey y) => x.Equals(y);

    /// <summary>Whether the keys differ.</summary>
    public static bool operator !=(RedisKey x, RedisKey y) => !x.Equals(y);

    /// <summary>This key with something put before it.</summary>
    public RedisKey Prepend(RedisKey prefix) => (string?)prefix + (string?)this;

    /// <summary>This key with something put behind it.</summary>
    public RedisKey Append(RedisKey suffix) => (string?)this + (string?)suffix;

    /// <inheritdoc/>
    public bool Equals(RedisKey other) => _value is null || other._value is null
        ? _value == other._value
        : ((ReadOnlySpan<byte>)(byte[]?)this).SequenceEqual((byte[]?)other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) =>
        obj is RedisKey other ? Equals(other) : obj is string s ? Equals(new RedisKey(s)) : obj is null && IsNull;

    /// <inheritdoc/>
    public override int GetHashCode() => _value is null ? -1 : string.GetHashCode((string?)this);

    /// <inheritdoc/>
    public override string ToString() => (string?)this ?? "(null)";
}
