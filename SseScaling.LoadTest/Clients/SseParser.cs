using System.Buffers;
using System.Buffers.Text;

namespace SseScaling.LoadTest.Clients;

/// <summary>One event as the stream delimits it; the spans are valid only during the call that hands it over.</summary>
internal readonly ref struct ReceivedEvent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, ReadOnlySpan<byte> id, bool hasId)
{
    /// <summary>The <c>event:</c> field; empty for an ordinary message.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The <c>data:</c> lines, joined by line feeds.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;

    /// <summary>The <c>id:</c> field, meaningful if <see cref="HasId"/>.</summary>
    public ReadOnlySpan<byte> Id { get; } = id;

    /// <summary>Whether the block had an <c>id:</c> field, which may be empty: that resets the last id.</summary>
    public bool HasId { get; } = hasId;
}

/// <summary>Receives what an <see cref="SseParser"/> finds, in the order of the stream.</summary>
internal interface ISseSink
{
    /// <summary>A complete block: an event, or an id without data.</summary>
    void OnEvent(in ReceivedEvent received);

    /// <summary>A <c>retry:</c> field, in milliseconds.</summary>
    void OnRetry(int milliseconds);

    /// <summary>A comment line, which servers use as heartbeat.</summary>
    void OnComment();
}

/// <summary>
/// An incremental parser of the event stream format (WHATWG HTML, 9.2.6) that allocates nothing per event: complete blocks are
/// read where they lie in the receive buffer, only a block that is cut off by the end of a read is kept.
/// </summary>
/// <remarks>Lines may end in LF or CR LF; a lone CR, which the format also allows and no known server sends, is not a line end.</remarks>
internal struct SseParser
{
    /// <summary>A block that does not end within this many bytes is no event stream that this tool could read.</summary>
    public const int MaxBlock = 4 << 20;

    private byte[]? _kept;
    private int _keptLength;

    /// <summary>Reads the next bytes of the stream.</summary>
    /// <returns>False if a block exceeds <see cref="MaxBlock"/>.</returns>
    public bool Feed(ReadOnlySpan<byte> bytes, ISseSink sink)
    {
        if (_keptLength == 0)
        {
            var used = Blocks(bytes, sink);
            Keep(bytes[used..]);
            return true;
        }
        if (_keptLength + bytes.Length > MaxBlock) return false;
        Keep(bytes);
        var done = Blocks(_kept.AsSpan(0, _keptLength), sink);
        Forget(done);
        return true;
    }

    /// <summary>Drops a cut-off block and its buffer: the connection ended, and an incomplete event does not count.</summary>
    public void Reset() => Forget(_keptLength);

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        var needed = _keptLength + bytes.Length;
        if (_kept is null || _kept.Length < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent(needed);
            if (_kept is not null)
            {
                _kept.AsSpan(0, _keptLength).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_kept);
            }
            _kept = larger;
        }
        bytes.CopyTo(_kept.AsSpan(_keptLength));
        _keptLength = needed;
    }

    private void Forget(int count)
    {
        if (_kept is null) return;
        _keptLength -= count;
        if (_keptLength > 0)
        {
            _kept.AsSpan(count, _keptLength).CopyTo(_kept);
            return;
        }
        ArrayPool<byte>.Shared.Return(_kept);
        _kept = null;
    }

    private static int Blocks(ReadOnlySpan<byte> bytes, ISseSink sink)
    {
        var used = 0;
        while (used < bytes.Length)
        {
            var length = Block(bytes[used..], sink);
            if (length == 0) break;
            used += length;
        }
        return used;
    }

    /// <summary>Reads one block; 0 if its end is not there yet, and then nothing of it has been reported.</summary>
    private static int Block(ReadOnlySpan<byte> bytes, ISseSink sink)
    {
        ReadOnlySpan<byte> name = default, data = default, id = default;
        bool hasId = false, hasData = false;
        var position = 0;
        while (true)
        {
            var end = bytes[position..].IndexOf((byte)'\n');
            if (end < 0) return 0;
            var line = bytes.Slice(position, end);
            position += end + 1;
            if (line.EndsWith("\r"u8)) line = line[..^1];
            if (line.IsEmpty) break;
            if (line[0] == ':')
            {
                // Comments stand alone: reporting one early cannot repeat it, for a lone comment is cut here.
                if (!hasData && !hasId && name.IsEmpty) { sink.OnComment(); return position; }
                continue;
            }
            if (Field(line, "data"u8, out var value))
            {
                data = hasData ? Joined(data, value) : value;
                hasData = true;
            }
            else if (Field(line, "id"u8, out value) && !value.Contains((byte)0)) { id = value; hasId = true; }
            else if (Field(line, "event"u8, out value)) name = value;
            else if (Field(line, "retry"u8, out value) && Utf8Parser.TryParse(value, out int retry, out var read) && read == value.Length && retry >= 0)
            {
                sink.OnRetry(retry);
            }
        }
        if (hasData || hasId) sink.OnEvent(new ReceivedEvent(name, data, id, hasId));
        return position;
    }

    private static bool Field(ReadOnlySpan<byte> line, ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!line.StartsWith(field)) return false;
        if (line.Length == field.Length) return true;
        if (line[field.Length] != ':') return false;
        value = line[(field.Length + 1)..];
        if (value.StartsWith(" "u8)) value = value[1..];
        return true;
    }

    // Several data lines are rare, and the only thing for which a block costs memory.
    private static byte[] Joined(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => [.. first, (byte)'\n', .. second];
}
