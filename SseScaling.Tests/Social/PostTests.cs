using System.Text;
using SseScaling.Api.Social;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>The event of a post: its bytes are what clients compare and what history keeps.</summary>
public sealed class PostTests
{
    [Theory]
    [InlineData("7", "310-2", """{"type":"new-post","postId":"310-2","authorId":"7"}""")]
    [InlineData("a@b:c", "<\"\\'&+/`>", """{"type":"new-post","postId":"\u003C\u0022\\\u0027\u0026\u002B/\u0060\u003E","authorId":"a@b:c"}""")]
    [InlineData("\u00e4", "\U0001F600\u2028", """{"type":"new-post","postId":"\uD83D\uDE00\u2028","authorId":"\u00E4"}""")]
    public void It_has_its_fields_in_order_and_everything_but_plain_ASCII_escaped(string author, string id, string json) =>
        Assert.Equal(json, Encoding.UTF8.GetString(new Post(author, id).ToJson()));
}
