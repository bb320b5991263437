namespace SseScaling.Protocol;

/// <summary>Bytes of an event stream that are ready for the wire. Immutable, and shared by every connection that they go to.</summary>
/// <param name="array">Holds the bytes; nobody writes to it any more.</param>
/// <param name="offset">Where they begin.</param>
/// <param name="length">How many they are; at least 1.</param>
/// <param name="events">How many events they carry; 0 for comments, <c>retry:</c> and positions.</param>
internal sealed class Frame(byte[] array, int offset, int length, int events = 0)
{
    public int Length => length;

    public int Events => events;

    public ReadOnlySpan<byte> Span => array.AsSpan(offset, length);

    public ArraySegment<byte> Segment(int skip) => new(array, offset + skip, length - skip);
}
