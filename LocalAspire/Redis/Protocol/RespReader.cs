using System.Buffers.Text;
using System.Text;

namespace StackExchange.Redis;

/// <summary>Reads the parts of one complete reply, which <see cref="RespScanner"/> has checked.</summary>
internal ref struct RespReader(ReadOnlySpan<byte> reply)
{
    private ReadOnlySpan<byte> _rest = reply;

    internal readonly byte Kind => _rest[0];

    internal readonly bool IsNil => _rest.Length > 2 && _rest[0] is (byte)'$' or (byte)'*' && _rest[1] == '-';

    internal readonly bool IsError => _rest[0] == '-';

    /// <summary>The number of elements that follow; -1 for nil.</summary>
    internal int ReadArray()
    {
        Expect((byte)'*');
        return (int)ParseInteger(Line());
    }

    /// <summary>The bytes of a text or binary reply; empty for nil, which <see cref="IsNil"/> tells apart.</summary>
    internal ReadOnlySpan<byte> ReadBytes()
    {
        if (_rest[0] is (byte)'+' or (byte)':' or (byte)'-')
            return Line();

        Expect((byte)'$');
        var length = (int)ParseInteger(Line());
        if (length < 0)
            return default;

        var bytes = _rest[..length];
        _rest = _rest[(length + 2)..];
        return bytes;
    }

    internal long ReadInteger()
    {
        var isNil = IsNil;
        var bytes = ReadBytes();
        return isNil ? 0 : ParseInteger(bytes);
    }

    internal RedisValue ReadValue()
    {
        if (IsNil)
        {
            Line();
            return RedisValue.Null;
        }

        return _rest[0] == ':' ? ParseInteger(Line()) : RedisValue.FromBytes(ReadBytes());
    }

    internal string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    /// <summary>Leaves out a nil array or value, if that is what comes next.</summary>
    internal bool SkipNil()
    {
        if (!IsNil)
            return false;

        Line();
        return true;
    }

    private ReadOnlySpan<byte> Line()
    {
        var end = _rest.IndexOf("\r\n"u8);
        var line = _rest[1..end];
        _rest = _rest[(end + 2)..];
        return line;
    }

    private readonly void Expect(byte kind)
    {
        if (_rest[0] != kind)
            throw new RedisConnectionException(ConnectionFailureType.ProtocolFailure, $"Unexpected reply of kind '{(char)_rest[0]}', expected '{(char)kind}'.");
    }

    private static long ParseInteger(ReadOnlySpan<byte> bytes) =>
        Utf8Parser.TryParse(bytes, out long number, out var used) && used == bytes.Length
        ? number
        : throw new RedisConnectionException(ConnectionFailureType.ProtocolFailure, "Unexpected reply: not an integer.");
}
