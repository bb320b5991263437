using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace StackExchange.Redis;

/// <summary>
/// Compares channel names by their bytes, so that a received name is looked up as a span of the read buffer, without a copy.
/// </summary>
internal sealed class ChannelName : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    internal static readonly ChannelName Comparer = new();

    // Names may come from users; a seed per process keeps them from choosing names that collide.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    internal static int Hash(ReadOnlySpan<byte> name)
    {
        var hash = Seed ^ (ulong)name.Length;
        var words = MemoryMarshal.Cast<byte, ulong>(name);
        foreach (var word in words)
            hash = Mix(hash ^ word);

        ulong rest = 0;
        foreach (var b in name[(words.Length * sizeof(ulong))..])
            rest = (rest << 8) | b;

        hash = Mix(hash ^ rest);
        return (int)(hash ^ (hash >> 32));
    }

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode([DisallowNull] byte[] obj) => Hash(obj);

    public int GetHashCode(ReadOnlySpan<byte> alternate) => Hash(alternate);

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    private static ulong Mix(ulong value)
    {
        var high = Math.BigMul(value, 0x9E3779B97F4A7C15, out var low);
        return BitOperations.RotateLeft(high, 29) ^ low;
    }
}
