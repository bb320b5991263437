using System.Text;
using SseScaling.Protocol;
using Xunit;

namespace SseScaling.Tests.Protocol;

public sealed class LastEventIdTests
{
    [Fact]
    public void The_long_form_names_a_position_for_each_topic_in_any_order()
    {
        string[] topics = ["a", "notifications:42", "日本"];
        EventPosition[] positions = [new(1, 2), EventPosition.None, new((1UL << 48) - 1, 1L << 53)];
        var bytes = new byte[LastEventId.MaxLength(topics.Length)];

        var length = LastEventId.Format([.. topics.Select(LastEventId.Tag)], positions, bytes);
        var id = LastEventId.Parse(string.Join(',', Encoding.ASCII.GetString(bytes, 0, length).Split(',').Reverse()));

        Assert.NotNull(id);
        Assert.False(id.IsSingle);
        Assert.Equal(positions.Cast<EventPosition?>(), topics.Select(id.For));
        Assert.Null(id.For("another"));
    }

    [Fact]
    public void The_short_form_is_a_position() => Assert.Equal(new EventPosition(0xabc, 7), LastEventId.Parse("abc-7")?.For("any"));

    [Fact]
    public void A_hundred_topics_fit_into_the_length_that_is_reserved()
    {
        var topics = Enumerable.Range(0, 100).Select(n => LastEventId.Tag($"topic-{n}")).ToArray();
        var position = new EventPosition((1UL << 48) - 1, 1L << 53);
        var bytes = new byte[LastEventId.MaxLength(100)];

        var length = LastEventId.Format(topics, [.. Enumerable.Repeat(position, 100)], bytes);

        Assert.NotNull(LastEventId.Parse(Encoding.ASCII.GetString(bytes, 0, length)));
    }
}
