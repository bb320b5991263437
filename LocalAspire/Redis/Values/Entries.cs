namespace StackExchange.Redis;

/// <summary>A field of a hash and its value.</summary>
/// <param name="name">The field.</param>
/// <param name="value">Its value.</param>
public readonly struct HashEntry(RedisValue name, RedisValue value) : IEquatable<HashEntry>
{
    /// <summary>The field.</summary>
    public RedisValue Name { get; } = name;

    /// <summary>The field's value.</summary>
    public RedisValue Value { get; } = value;

    /// <summary>Whether both parts are equal.</summary>
    public static bool operator ==(HashEntry x, HashEntry y) => x.Equals(y);

    /// <summary>Whether a part differs.</summary>
    public static bool operator !=(HashEntry x, HashEntry y) => !x.Equals(y);

    /// <inheritdoc/>
    public bool Equals(HashEntry other) => Name == other.Name && Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is HashEntry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Value}";
}

/// <summary>A field of a stream's entry and its value.</summary>
/// <param name="name">The field.</param>
/// <param name="value">Its value.</param>
public readonly struct NameValueEntry(RedisValue name, RedisValue value) : IEquatable<NameValueEntry>
{
    /// <summary>The field.</summary>
    public RedisValue Name { get; } = name;

    /// <summary>The field's value.</summary>
    public RedisValue Value { get; } = value;

    /// <summary>Whether both parts are equal.</summary>
    public static bool operator ==(NameValueEntry x, NameValueEntry y) => x.Equals(y);

    /// <summary>Whether a part differs.</summary>
    public static bool operator !=(NameValueEntry x, NameValueEntry y) => !x.Equals(y);

    /// <inheritdoc/>
    public bool Equals(NameValueEntry other) => Name == other.Name && Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NameValueEntry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Value}";
}

/// <summary>A member of a sorted set and its score.</summary>
/// <param name="element">The member.</param>
/// <param name="score">Its score.</param>
public readonly struct SortedSetEntry(RedisValue element, double score) : IEquatable<SortedSetEntry>
{
    /// <summary>The member.</summary>
    public RedisValue Element { get; } = element;

    /// <summary>The member's score.</summary>
    public double Score { get; } = score;

    /// <summary>Whether member and score are equal.</summary>
    public static bool operator ==(SortedSetEntry x, SortedSetEntry y) => x.Equals(y);

    /// <summary>Whether member or score differ.</summary>
    public static bool operator !=(SortedSetEntry x, SortedSetEntry y) => !x.Equals(y);

    /// <inheritdoc/>
    public bool Equals(SortedSetEntry other) => Element == other.Element && Score.Equals(other.Score);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SortedSetEntry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Element, Score);

    /// <inheritdoc/>
    public override string ToString() => $"{Element}: {Score}";
}
