namespace SseScaling.Publisher.Social;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same seed gives the same numbers on every version of .NET, which
/// <see cref="Random"/> does not promise. Not thread-safe, and not for secrets.
/// </summary>
public sealed class RandomSource
{
    private ulong _state;

    /// <summary>Creates a source.</summary>
    /// <param name="seed">Any number; equal seeds give equal sequences.</param>
    public RandomSource(long seed) => _state = (ulong)seed;

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        var bits = _state;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    /// <param name="bound">At least 1.</param>
    public int Below(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    /// <summary>A number from 0 (inclusive) to 1 (exclusive).</summary>
    public double Fraction() => (NextBits() >> 11) * (1.0 / (1UL << 53));
}
