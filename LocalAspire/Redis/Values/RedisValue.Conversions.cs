using System.Globalization;
using System.Runtime.InteropServices;

namespace StackExchange.Redis;

public readonly partial struct RedisValue
{
    /// <summary>A value from text.</summary>
    public static implicit operator RedisValue(string? value) => new(value, 0);

    /// <summary>A value from bytes, which are not copied.</summary>
    public static implicit operator RedisValue(byte[]? value) => value is null ? default : new RedisValue(value, value.Length);

    /// <summary>A value from bytes, which are not copied where they lie in an array.</summary>
    public static implicit operator RedisValue(ReadOnlyMemory<byte> value) => MemoryMarshal.TryGetArray(value, out var array)
        ? new RedisValue(array.Array ?? [], ((long)array.Offset << 32) | (uint)array.Count)
        : (RedisValue)value.ToArray();

    /// <summary>A value from bytes, which are not copied where they lie in an array.</summary>
    public static implicit operator RedisValue(Memory<byte> value) => (ReadOnlyMemory<byte>)value;

    /// <summary>A value from an integer.</summary>
    public static implicit operator RedisValue(int value) => new(IntegerKind, value);

    /// <summary>A value from an integer, or none.</summary>
    public static implicit operator RedisValue(int? value) => value is { } number ? (RedisValue)number : Null;

    /// <summary>A value from an integer.</summary>
    public static implicit operator RedisValue(uint value) => new(IntegerKind, value);

    /// <summary>A value from an integer.</summary>
    public static implicit operator RedisValue(long value) => new(IntegerKind, value);

    /// <summary>A value from an integer, or none.</summary>
    public static implicit operator RedisValue(long? value) => value is { } number ? (RedisValue)number : Null;

    /// <summary>A value from an integer.</summary>
    public static implicit operator RedisValue(ulong value) =>
        value <= long.MaxValue ? (RedisValue)(long)value : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A value from a number.</summary>
    public static implicit operator RedisValue(double value) => value == (long)value && Math.Abs(value) < 1L << 53
        ? (RedisValue)(long)value
        : new RedisValue(DoubleKind, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A value from a number, or none.</summary>
    public static implicit operator RedisValue(double? value) => value is { } number ? (RedisValue)number : Null;

    /// <summary>1 for true, 0 for false.</summary>
    public static implicit operator RedisValue(bool value) => value ? 1 : 0;

    /// <summary>1 for true, 0 for false, or none.</summary>
    public static implicit operator RedisValue(bool? value) => value is { } flag ? (RedisValue)flag : Null;

    /// <summary>The value as text, decoded from UTF-8.</summary>
    public static implicit operator string?(RedisValue value) => value.AsText();

    /// <summary>The value's bytes, not copied where it holds a whole array.</summary>
    public static implicit operator byte[]?(RedisValue value) => value._object switch
    {
        null => null,
        byte[] bytes when value._bits == bytes.Length => bytes,
        _ => value.AsMemory().ToArray(),
    };

    /// <summary>The value's bytes, not copied where it was received or made from bytes. Do not write to them.</summary>
    public static implicit operator ReadOnlyMemory<byte>(RedisValue value) => value.AsMemory();

    /// <summary>The value as an integer; none is 0.</summary>
    /// <exception cref="InvalidCastException">It is no integer.</exception>
    public static explicit operator long(RedisValue value) => value.TryParse(out long number) ? number : throw NotA("Int64");

    /// <summary>The value as an integer, or null.</summary>
    public static explicit operator long?(RedisValue value) => value.IsNull ? null : (long)value;

    /// <summary>The value as an integer; none is 0.</summary>
    public static explicit operator int(RedisValue value) => checked((int)(long)value);

    /// <summary>The value as an integer, or null.</summary>
    public static explicit operator int?(RedisValue value) => value.IsNull ? null : (int)value;

    /// <summary>The value as an integer; none is 0.</summary>
    public static explicit operator uint(RedisValue value) => checked((uint)(long)value);

    /// <summary>The value as an integer; none is 0.</summary>
    public static explicit operator ulong(RedisValue value) =>
        ulong.TryParse(value.AsText(), CultureInfo.InvariantCulture, out var number) ? number : checked((ulong)(long)value);

    /// <summary>The value as a number; none is 0.</summary>
    /// <exception cref="InvalidCastException">It is no number.</exception>
    public static explicit operator double(RedisValue value) => value.TryParse(out double number) ? number : throw NotA("Double");

    /// <summary>The value as a number, or null.</summary>
    public static explicit operator double?(RedisValue value) => value.IsNull ? null : (double)value;

    /// <summary>1 is true, 0 and none are false.</summary>
    /// <exception cref="InvalidCastException">It is something else.</exception>
    public static explicit operator bool(RedisValue value) => (long)value switch { 0 => false, 1 => true, _ => throw NotA("Boolean") };

    /// <summary>1 is true, 0 is false, none is null.</summary>
    public static explicit operator bool?(RedisValue value) => value.IsNull ? null : (bool)value;

    private static InvalidCastException NotA(string type) => new($"The value cannot be read as {type}.");
}
