namespace StackExchange.Redis;

/// <summary>Bytes that are appended, read as one span and cleared. Keeps its memory up to a limit.</summary>
internal sealed class ByteBuffer
{
    // What one buffer keeps between uses; a single large value does not stay in memory.
    private const int Kept = 256 * 1024;

    private byte[] _bytes = new byte[1024];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    internal ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Free(bytes.Length));
        Length += bytes.Length;
    }

    internal Span<byte> Free(int size)
    {
        if (_bytes.Length - Length < size)
            Array.Resize(ref _bytes, (int)Math.Clamp(2L * _bytes.Length, Length + size, Array.MaxLength));

        return _bytes.AsSpan(Length);
    }

    internal void Advance(int count) => Length += count;

    internal void Clear()
    {
        Length = 0;
        if (_bytes.Length > Kept)
            _bytes = new byte[1024];
    }
}
