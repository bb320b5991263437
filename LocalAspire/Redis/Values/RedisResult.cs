using System.Diagnostics.CodeAnalysis;

namespace StackExchange.Redis;

/// <summary>
/// A reply whose shape the caller knows: one value, a list of replies, or an error inside a list. The casts read it; a cast of an
/// error throws <see cref="RedisServerException"/>, a cast of a list with several elements to one value
/// <see cref="InvalidCastException"/>.
/// </summary>
[SuppressMessage("Usage", "CA2225", Justification = "The API of StackExchange.Redis.")]
public abstract class RedisResult
{
    private protected RedisResult(ResultType type) => Resp2Type = type;

    /// <summary>The kind of the reply.</summary>
    public ResultType Resp2Type { get; }

    /// <summary>The kind of the reply; the stand-in speaks RESP2, so it is the same as <see cref="Resp2Type"/>.</summary>
    public ResultType Resp3Type => Resp2Type;

    /// <summary>Whether the reply is nil.</summary>
    public abstract bool IsNull { get; }

    /// <summary>The number of elements, or -1 where this is no list.</summary>
    public virtual int Length => -1;

    /// <summary>An element of a list.</summary>
    public virtual RedisResult this[int index] => throw new InvalidOperationException("Indexers can only be used on array results.");

    internal abstract RedisValue Value { get; }

    internal virtual RedisResult[]? Items => IsNull ? null : [this];

    /// <summary>A result of one value.</summary>
    public static RedisResult Create(RedisValue value, ResultType? resultType = null) =>
        new SingleResult(value, resultType ?? (value.IsInteger ? ResultType.Integer : ResultType.BulkString));

    /// <summary>A result of many values.</summary>
    public static RedisResult Create(RedisValue[] values) => new ListResult(Array.ConvertAll(values, value => Create(value)));

    /// <summary>A result of many results.</summary>
    public static RedisResult Create(RedisResult[] values) => new ListResult(values);

    internal static RedisResult Nil(ResultType type) =>
        type == ResultType.Array ? new ListResult(null) : new SingleResult(RedisValue.Null, type);

    internal static RedisResult Error(string message) => new ErrorResult(message);

    /// <summary>The reply as text.</summary>
    public static explicit operator string?(RedisResult? result) => result?.Value;

    /// <summary>The reply as bytes.</summary>
    public static explicit operator byte[]?(RedisResult? result) => result?.Value;

    /// <summary>The reply as a value.</summary>
    public static explicit operator RedisValue(RedisResult? result) => result?.Value ?? RedisValue.Null;

    /// <summary>The reply as a key.</summary>
    public static explicit operator RedisKey(RedisResult? result) => (byte[]?)result?.Value;

    /// <summary>The reply as an integer; nil is 0.</summary>
    public static explicit operator long(RedisResult result) => (long)result.Value;

    /// <summary>The reply as an integer; nil is 0.</summary>
    public static explicit operator int(RedisResult result) => (int)result.Value;

    /// <summary>The reply as a number; nil is 0.</summary>
    public static explicit operator double(RedisResult result) => (double)result.Value;

    /// <summary>The reply as true (1, OK) or false (0).</summary>
    public static explicit operator bool(RedisResult result) => result.Resp2Type == ResultType.SimpleString
        ? result.Value == "OK"
        : (bool)result.Value;

    /// <summary>The reply as an integer, or null for nil.</summary>
    public static explicit operator long?(RedisResult? result) => (long?)(RedisValue)result;

    /// <summary>The reply as an integer, or null for nil.</summary>
    public static explicit operator int?(RedisResult? result) => (int?)(RedisValue)result;

    /// <summary>The reply as a number, or null for nil.</summary>
    public static explicit operator double?(RedisResult? result) => (double?)(RedisValue)result;

    /// <summary>The list's elements, or null for nil.</summary>
    public static explicit operator RedisResult[]?(RedisResult? result) => result?.Items;

    /// <summary>The list's elements as values, or null for nil.</summary>
    public static explicit operator RedisValue[]?(RedisResult? result) => Convert(result, item => item.Value);

    /// <summary>The list's elements as keys, or null for nil.</summary>
    public static explicit operator RedisKey[]?(RedisResult? result) => Convert(result, item => (RedisKey)item);

    /// <summary>The list's elements as texts, or null for nil.</summary>
    public static explicit operator string?[]?(RedisResult? result) => Convert(result, item => (string?)item.Value);

    /// <summary>The list's elements as bytes, or null for nil.</summary>
    public static explicit operator byte[]?[]?(RedisResult? result) => Convert(result, item => (byte[]?)item.Value);

    /// <summary>The list's elements as integers, or null for nil.</summary>
    public static explicit operator long[]?(RedisResult? result) => Convert(result, item => (long)item.Value);

    /// <summary>The list's elements as integers, or null for nil.</summary>
    public static explicit operator int[]?(RedisResult? result) => Convert(result, item => (int)item.Value);

    /// <summary>The list's elements as numbers, or null for nil.</summary>
    public static explicit operator double[]?(RedisResult? result) => Convert(result, item => (double)item.Value);

    /// <summary>The list's elements as true or false, or null for nil.</summary>
    public static explicit operator bool[]?(RedisResult? result) => Convert(result, item => (bool)item);

    private static T[]? Convert<T>(RedisResult? result, Converter<RedisResult, T> convert) =>
        result?.Items is { } items ? Array.ConvertAll(items, convert) : null;

    private sealed class SingleResult(RedisValue value, ResultType type) : RedisResult(type)
    {
        public override bool IsNull => value.IsNull;

        internal override RedisValue Value => value;

        public override string ToString() => IsNull ? "(nil)" : value.ToString();
    }

    private sealed class ListResult(RedisResult[]? items) : RedisResult(ResultType.Array)
    {
        public override bool IsNull => items is null;

        public override int Length => items?.Length ?? -1;

        internal override RedisResult[]? Items => items;

        internal override RedisValue Value => items?.Length == 1
            ? items[0].Value
            : throw new InvalidCastException("A list of several elements, or a nil list, cannot be read as one value.");

        public override RedisResult this[int index] => items![index];

        public override string ToString() => IsNull ? "(nil)" : $"{Length} element(s)";
    }

    private sealed class ErrorResult(string message) : RedisResult(ResultType.Error)
    {
        public override bool IsNull => false;

        internal override RedisValue Value => throw new RedisServerException(message);

        internal override RedisResult[]? Items => throw new RedisServerException(message);

        public override string ToString() => message;
    }
}
