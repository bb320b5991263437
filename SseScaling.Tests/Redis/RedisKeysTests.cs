using SseScaling.Redis;
using Xunit;

namespace SseScaling.Tests.Redis;

public sealed class RedisKeysTests
{
    [Theory]
    [InlineData("notifications:42", "t=notifications:42")]
    [InlineData("}", "t=")]
    [InlineData("}x", "t=")]
    [InlineData("{a}", "t={a")]
    [InlineData("a}b{c}", "t=a")]
    public void All_keys_of_a_topic_share_a_hash_tag_that_is_not_empty(string topic, string tag)
    {
        foreach (var key in new[] { RedisKeys.Head(topic), RedisKeys.Stream(topic), RedisKeys.IdempotencyKey(topic, "k{e}y") })
        {
            var text = key.ToString();
            var open = text.IndexOf('{', StringComparison.Ordinal) + 1;
            Assert.Equal(tag, text[open..text.IndexOf('}', open)]);
        }
    }

    [Fact]
    public void The_channel_is_the_topic_and_never_a_pattern()
    {
        var channel = RedisKeys.Channel("h*llo?");

        Assert.Equal("h*llo?", channel.ToString());
        Assert.False(channel.IsPattern);
    }
}
