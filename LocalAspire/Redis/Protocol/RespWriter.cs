using System.Buffers.Text;
using System.Text;

namespace StackExchange.Redis;

/// <summary>
/// Writes commands: `*{parts}\r\n`, then for each part `${length}\r\n{bytes}\r\n`. One instance per thread is reused, so a command
/// is complete and copied away before its thread begins the next one.
/// </summary>
internal sealed class RespWriter
{
    [ThreadStatic]
    private static RespWriter? _instance;

    private readonly ByteBuffer _bytes = new();

    internal ReadOnlySpan<byte> Written => _bytes.Written;

    /// <summary>Begins a command with this many arguments after its name.</summary>
    internal static RespWriter Command(ReadOnlySpan<byte> name, int arguments)
    {
        var writer = _instance ??= new RespWriter();
        writer._bytes.Clear();
        writer.Header((byte)'*', arguments + 1);
        return writer.Add(name);
    }

    internal RespWriter Add(ReadOnlySpan<byte> argument)
    {
        Header((byte)'$', argument.Length);
        _bytes.Append(argument);
        return EndPart();
    }

    internal RespWriter Add(RedisKey key) =>
        key.IsNull ? throw new ArgumentException("A null key is not valid in this context") : Add(key.AsValue());

    internal RespWriter Add(RedisKey[] keys)
    {
        foreach (var key in keys)
            Add(key);

        return this;
    }

    internal RespWriter Add(RedisValue value)
    {
        if (value.IsNull)
            throw new ArgumentException("A null value is not valid in this context");

        return value.Text is { } text ? Add(text) : value.IsInteger ? Add((long)value) : Add(value.AsMemory().Span);
    }

    internal RespWriter Add(RedisValue[] values)
    {
        foreach (var value in values)
            Add(value);

        return this;
    }

    internal RespWriter Add(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out var length);
        return Add((ReadOnlySpan<byte>)digits[..length]);
    }

    private RespWriter Add(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Header((byte)'$', length);
        Encoding.UTF8.GetBytes(text, _bytes.Free(length));
        _bytes.Advance(length);
        return EndPart();
    }

    private void Header(byte kind, int number)
    {
        var free = _bytes.Free(16);
        free[0] = kind;
        Utf8Formatter.TryFormat(number, free[1..], out var digits);
        "\r\n"u8.CopyTo(free[(1 + digits)..]);
        _bytes.Advance(digits + 3);
    }

    private RespWriter EndPart()
    {
        _bytes.Append("\r\n"u8);
        return this;
    }
}
