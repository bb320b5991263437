using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

public sealed class RedisValueTests
{
    [Fact]
    public void Values_that_stand_for_the_same_are_equal_and_have_one_hash()
    {
        RedisValue[][] same =
        [
            [1, 1L, 1d, true, "1", "1"u8.ToArray(), 1u, 1ul, "01", "1.0"],
            [-7, "-7", "-7"u8.ToArray(), -7d],
            [1.5, "1.5", "1.5"u8.ToArray()],
            ["text", "text"u8.ToArray(), "a text"u8.ToArray().AsMemory(2)],
            ["", Array.Empty<byte>(), ReadOnlyMemory<byte>.Empty],
            [RedisValue.Null, (string?)null, (byte[]?)null, (int?)null],
        ];
        for (var i = 0; i < same.Length; i++)
        {
            foreach (var x in same[i])
            {
                Assert.All(same[i], y => Assert.True(x == y && x.GetHashCode() == y.GetHashCode(), $"{x} and {y}"));
                Assert.All(same.Where((_, other) => other != i).SelectMany(group => group), y => Assert.True(x != y, $"{x} and {y}"));
            }
        }
    }

    [Fact]
    public void Conversions_give_back_what_was_put_in()
    {
        Assert.Equal(42, (int)(RedisValue)"42");
        Assert.Equal(long.MaxValue, (long)(RedisValue)long.MaxValue.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(ulong.MaxValue, (ulong)(RedisValue)ulong.MaxValue);
        Assert.Equal(2.5, (double)(RedisValue)"2.5"u8.ToArray());
        Assert.True((bool)(RedisValue)"1");
        Assert.Null((int?)RedisValue.Null);
        Assert.Equal(0, (int)RedisValue.Null);
        Assert.Equal("héllo", (string?)(RedisValue)Encoding.UTF8.GetBytes("héllo"));
        Assert.Equal([0, 255, 13, 10], (byte[]?)(RedisValue)new byte[] { 0, 255, 13, 10 });
        Assert.Throws<InvalidCastException>(() => (int)(RedisValue)"forty-two");
        Assert.Throws<InvalidCastException>(() => (bool)(RedisValue)2);
        Assert.Equal(double.PositiveInfinity, (double)(RedisValue)"+inf");
        Assert.Equal("+inf", (string?)(RedisValue)double.PositiveInfinity);
        Assert.Throws<OverflowException>(() => (int)(RedisValue)long.MaxValue);
    }

    [Fact]
    public void Bytes_are_not_copied()
    {
        var bytes = "abcdef"u8.ToArray();
        ReadOnlyMemory<byte> whole = (RedisValue)bytes;
        ReadOnlyMemory<byte> part = (RedisValue)bytes.AsMemory(2, 3);

        Assert.True(MemoryMarshal.TryGetArray(whole, out var array) && array.Array == bytes);
        Assert.True(MemoryMarshal.TryGetArray(part, out array) && array.Array == bytes && array.Offset == 2 && array.Count == 3);
        Assert.Same(bytes, (byte[]?)(RedisValue)bytes);
    }

    [Fact]
    public void Null_and_empty_differ()
    {
        Assert.True(RedisValue.Null.IsNull && RedisValue.Null.IsNullOrEmpty && !RedisValue.Null.HasValue);
        Assert.True(!RedisValue.EmptyString.IsNull && RedisValue.EmptyString.IsNullOrEmpty);
        Assert.True(((RedisValue)0).HasValue);
        Assert.NotEqual(RedisValue.Null, RedisValue.EmptyString);
        Assert.Null((string?)RedisValue.Null);
    }

    [Fact]
    public void Channels_and_keys_compare_by_their_bytes()
    {
        Assert.Equal(RedisChannel.Literal("a"), RedisChannel.Literal("a"u8.ToArray()));
        Assert.NotEqual(RedisChannel.Literal("a"), RedisChannel.Pattern("a"));
        Assert.Equal((RedisKey)"key", (RedisKey)"key"u8.ToArray());
        Assert.Equal(((RedisKey)"key").GetHashCode(), ((RedisKey)"key"u8.ToArray()).GetHashCode());
        Assert.Equal("prefix:key", (string?)((RedisKey)"key").Prepend("prefix:"));
    }
}
