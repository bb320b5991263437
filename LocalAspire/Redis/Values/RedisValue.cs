using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace StackExchange.Redis;

/// <summary>
/// A value as Redis stores it: nothing, bytes, text or a number. As in the true client two values are equal when they stand for
/// the same number, else when their bytes are the same: the text "1", the byte '1', the number 1 and also "01" are equal, so
/// compare names as text. Received values keep their bytes; reading them as <see cref="ReadOnlyMemory{T}"/> copies nothing.
/// </summary>
[SuppressMessage("Usage", "CA2225", Justification = "The API of StackExchange.Redis.")]
[SuppressMessage("Design", "CA1036", Justification = "The API of StackExchange.Redis.")]
public readonly partial struct RedisValue : IEquatable<RedisValue>, IComparable<RedisValue>, IComparable
{
    private static readonly SearchValues<byte> NumericBytes = SearchValues.Create("0123456789.+-eE"u8);
    private static readonly object IntegerKind = new();
    private static readonly object DoubleKind = new();

    // A byte[], a string, one of the kinds above, or null. For a byte[] _bits holds offset and length, for a number its bits.
    private readonly object? _object;
    private readonly long _bits;

    private RedisValue(object? value, long bits)
    {
        _object = value;
        _bits = bits;
    }

    /// <summary>A value from text; null is <see cref="Null"/>.</summary>
    public RedisValue(string value) => _object = value;

    /// <summary>No value: what Redis answers for something that does not exist.</summary>
    public static RedisValue Null => default;

    /// <summary>The empty value, which exists.</summary>
    public static RedisValue EmptyString { get; } = new("");

    /// <summary>Whether there is no value.</summary>
    public bool IsNull => _object is null;

    /// <summary>Whether the value is held as an integer.</summary>
    public bool IsInteger => _object == IntegerKind;

    /// <summary>Whether there is no value, or an empty one.</summary>
    public bool IsNullOrEmpty => _object is null || (_object is string s && s.Length == 0) || (_object is byte[] && (int)_bits == 0);

    /// <summary>Whether there is a value that is not empty.</summary>
    public bool HasValue => !IsNullOrEmpty;

    /// <summary>Whether both stand for the same number or have the same bytes.</summary>
    public static bool operator ==(RedisValue x, RedisValue y) => x.Equals(y);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(RedisValue x, RedisValue y) => !x.Equals(y);

    internal static RedisValue FromBytes(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? EmptyString : bytes.ToArray();

    /// <summary>The length in bytes as written to Redis.</summary>
    public long Length() => _object switch
    {
        null => 0,
        byte[] => (int)_bits,
        string text => Encoding.UTF8.GetByteCount(text),
        _ => AsText()!.Length,
    };

    /// <summary>Reads the value as an integer.</summary>
    public bool TryParse(out long val)
    {
        if (_object == IntegerKind)
        {
            val = _bits;
            return true;
        }

        if (_object is null)
        {
            val = 0;
            return true;
        }

        if (_object == DoubleKind)
        {
            var number = BitConverter.Int64BitsToDouble(_bits);
            val = (long)number;
            return val == number;
        }

        return TryParseInteger(out val);
    }

    /// <summary>Reads the value as an integer of 32 bits.</summary>
    public bool TryParse(out int val)
    {
        var ok = TryParse(out long number) && number is >= int.MinValue and <= int.MaxValue;
        val = ok ? (int)number : 0;
        return ok;
    }

    /// <summary>Reads the value as a number.</summary>
    public bool TryParse(out double val)
    {
        if (_object == DoubleKind)
            val = BitConverter.Int64BitsToDouble(_bits);
        else if (TryParse(out long integer))
            val = integer;
        else
            return TryParseDouble(AsText()!, out val);

        return true;
    }

    /// <summary>Whether this value's bytes start with those of another one.</summary>
    public bool StartsWith(RedisValue value) => !IsNull && !value.IsNull && AsMemory().Span.StartsWith(value.AsMemory().Span);

    /// <inheritdoc/>
    public bool Equals(RedisValue other)
    {
        if (IsNull || other.IsNull)
            return IsNull && other.IsNull;

        if (TryNumber(out var integer, out var number))
            return other.TryNumber(out var otherInteger, out var otherNumber) && integer == otherInteger && number.Equals(otherNumber);

        return !other.TryNumber(out _, out _) && AsMemory().Span.SequenceEqual(other.AsMemory().Span);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is null ? IsNull : obj is RedisValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => IsNull ? -1
        : TryNumber(out var integer, out var number) ? HashCode.Combine(integer, number)
        : string.GetHashCode(AsText());

    /// <inheritdoc/>
    public int CompareTo(RedisValue other) => IsNull || other.IsNull
        ? other.IsNull.CompareTo(IsNull)
        : TryParse(out double x) && other.TryParse(out double y) ? x.CompareTo(y) : string.CompareOrdinal(AsText(), other.AsText());

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj is RedisValue other ? CompareTo(other) : CompareTo(Null);

    /// <inheritdoc/>
    public override string ToString() => AsText() ?? "";

    private string? AsText() => _object switch
    {
        null => null,
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(Slice(bytes).Span),
        var kind when kind == IntegerKind => _bits.ToString(CultureInfo.InvariantCulture),
        _ => FormatDouble(BitConverter.Int64BitsToDouble(_bits)),
    };

    internal ReadOnlyMemory<byte> AsMemory() => _object switch
    {
        null => default,
        byte[] bytes => Slice(bytes),
        _ => Encoding.UTF8.GetBytes(AsText()!),
    };

    internal string? Text => _object as string;

    private ReadOnlyMemory<byte> Slice(byte[] bytes) => new(bytes, (int)(_bits >> 32), (int)_bits);

    private static string FormatDouble(double value) => double.IsPositiveInfinity(value) ? "+inf"
        : double.IsNegativeInfinity(value) ? "-inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    internal static bool TryParseDouble(string text, out double value)
    {
        (var known, value) = text.ToUpperInvariant() switch
        {
            "INF" or "+INF" => (true, double.PositiveInfinity),
            "-INF" => (true, double.NegativeInfinity),
            _ => (false, 0d),
        };
        return known || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    // The number a value stands for: an integer where it is one, else a fraction. Infinities in text stay text.
    private bool TryNumber(out long integer, out double fraction)
    {
        (integer, fraction) = (0, 0);
        if (_object == IntegerKind)
            integer = _bits;
        else if (_object == DoubleKind)
            fraction = BitConverter.Int64BitsToDouble(_bits);
        else if (!TryParseInteger(out integer) && !(LooksNumeric() && TryParseDouble(AsText()!, out fraction)))
            return false;

        if (fraction is >= long.MinValue and < long.MaxValue && fraction == (long)fraction && fraction != 0)
            (integer, fraction) = ((long)fraction, 0);

        return true;
    }

    // Most values are no numbers; this sees it at their first bytes and spares decoding them.
    private bool LooksNumeric() => Length() is > 0 and <= 40 && AsMemory().Span.IndexOfAnyExcept(NumericBytes) < 0;

    private bool TryParseInteger(out long value)
    {
        if (Length() is > 0 and <= 20 && Utf8Parser.TryParse(AsMemory().Span, out value, out var used) && used == Length())
            return true;

        value = 0;
        return false;
    }
}
