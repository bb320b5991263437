using System.Text;
using SseScaling.Connections;
using SseScaling.Protocol;
using Xunit;

namespace SseScaling.Tests.Model;

public sealed class BacklogTests
{
    private readonly Backlog _backlog = new();

    [Fact]
    public void Counts_what_waits()
    {
        _backlog.Add(Frame("abcd", 2), written: 1);
        _backlog.Add(Frame("efg", 1), written: 0);
        Assert.Equal(6, _backlog.Bytes);
        Assert.Equal(3, _backlog.Events);
        Assert.False(_backlog.IsEmpty);
    }

    [Fact]
    public void Goes_on_in_the_middle_of_a_frame()
    {
        _backlog.Add(Frame("abcd", 1), written: 1);
        _backlog.Add(Frame("efg", 1), written: 0);
        Assert.Equal("bcdefg", Waiting());
        Assert.Equal(1, _backlog.Written(4));
        Assert.Equal("fg", Waiting());
        Assert.Equal(0, _backlog.Written(1));
        Assert.Equal("g", Waiting());
        Assert.Equal(1, _backlog.Written(1));
        Assert.True(_backlog.IsEmpty);
        Assert.Equal((0, 0), (_backlog.Bytes, _backlog.Events));
    }

    [Fact]
    public void An_event_counts_as_taken_with_its_last_byte()
    {
        _backlog.Add(Frame("ab", 5), written: 0);
        Assert.Equal(0, _backlog.Written(1));
        Assert.Equal(5, _backlog.Events);
        Assert.Equal(5, _backlog.Written(1));
    }

    [Fact]
    public void Lists_no_more_pieces_than_asked_for()
    {
        for (var i = 0; i < 5; i++)
            _backlog.Add(Frame("x", 1), written: 0);
        var pieces = new List<ArraySegment<byte>>();
        _backlog.CopyTo(pieces, 3);
        Assert.Equal(3, pieces.Count);
    }

    [Fact]
    public void Starts_anew_after_it_was_empty()
    {
        _backlog.Add(Frame("ab", 1), written: 1);
        _backlog.Written(1);
        _backlog.Add(Frame("cd", 1), written: 0);
        Assert.Equal("cd", Waiting());
    }

    private static Frame Frame(string text, int events) => new(Encoding.ASCII.GetBytes(text), 0, text.Length, events);

    private string Waiting()
    {
        var pieces = new List<ArraySegment<byte>>();
        _backlog.CopyTo(pieces, int.MaxValue);
        return string.Concat(pieces.Select(piece => Encoding.ASCII.GetString(piece)));
    }
}
