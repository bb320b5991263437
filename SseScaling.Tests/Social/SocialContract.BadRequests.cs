using System.Text;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

public abstract partial class SocialContract
{
    [Theory]
    [InlineData("PUT", "/api/users/7/followers/7", null, "cannot follow themselves")]
    [InlineData("PUT", "/api/users/7/followers/a%20b", null, "has a form that is unknown here")]
    [InlineData("PUT", "/api/users/7%0A/followers/8", null, "has a form that is unknown here")]
    [InlineData("DELETE", "/api/users/%F0%9F%98%80/followers/8", null, "has a form that is unknown here")]
    [InlineData("GET", "/api/users/%3Cscript%3E/followers", null, "has a form that is unknown here")]
    [InlineData("GET", "/api/users/7/followers?cursor=a%20b", null, "leave it out")]
    [InlineData("PUT", "/api/users/7/muted/7", null, "cannot mute themselves")]
    [InlineData("PUT", "/api/users/7/interests", "[\"like\",5]", "An interest is the type of an event")]
    [InlineData("PUT", "/api/users/7/interests", "[\"\"]", "An interest is the type of an event")]
    [InlineData("PUT", "/api/users/7/interests", "[null]", "An interest is the type of an event")]
    [InlineData("PUT", "/api/users/7/interests", "null", "Interests are an array of types")]
    [InlineData("PUT", "/api/users/7/interests", "{}", "Interests are an array of types")]
    [InlineData("PUT", "/api/users/7/interests", "[", "no valid JSON")]
    [InlineData("PUT", "/api/users/7/interests", "[\"\\ud800\"]", "no valid Unicode")]
    [InlineData("POST", "/api/posts", "{\"authorId\":7,\"postId\":\"1\"}", "'authorId' is a string")]
    [InlineData("POST", "/api/posts", "{\"authorId\":\"7\"}", "'postId' is missing")]
    [InlineData("POST", "/api/posts", "{\"authorId\":\"7\",\"postId\":\"\"}", "'postId' has 1 to 128")]
    [InlineData("POST", "/api/posts", "{\"authorId\":\"a b\",\"postId\":\"1\"}", "has a form that is unknown here")]
    [InlineData("POST", "/api/posts", "{\"authorId\":\"7\",\"postId\":\"1\",\"text\":\"x\"}", "'text' is unknown")]
    [InlineData("POST", "/api/posts", "{\"AuthorId\":\"7\",\"postId\":\"1\"}", "'AuthorId' is unknown")]
    [InlineData("POST", "/api/posts", "{\"authorId\":\"7\",\"postId\":\"1\",\"postId\":\"2\"}", "'postId' is a string")]
    [InlineData("POST", "/api/posts", "{\"authorId\":\"7\",\"postId\":\"\\udc00\"}", "no valid Unicode")]
    [InlineData("POST", "/api/posts", "{\"authorId\":\"7\",\"postId\":\"1\",}", "no valid JSON (line 1, byte 30)")]
    [InlineData("POST", "/api/posts", "", "A post is an object")]
    [InlineData("POST", "/api/posts", "null", "A post is an object")]
    [InlineData("POST", "/api/posts", "[]", "A post is an object")]
    [InlineData("GET", "/api/notifications?userId=7&batch=-1", null, "a window in ms")]
    [InlineData("GET", "/api/notifications?userId=7&batch=10001", null, "a window in ms")]
    [InlineData("GET", "/api/notifications?userId=7&batch=1s", null, "a window in ms")]
    public async Task Bad_input_is_answered_with_a_sentence(string method, string path, string? body, string sentence)
    {
        using var response = await Http.SendAsync(new HttpMethod(method), path, body);
        Assert.Contains(sentence, await response.DetailAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_interests_than_100_are_refused()
    {
        static string Types(int count) => $"[{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"type-{i}\""))}]";
        var user = SocialCalls.NewUser();

        using var response = await Http.SendAsync(HttpMethod.Put, $"/api/users/{user}/interests", Types(101));

        Assert.Contains("at most 100 interests", await response.DetailAsync(400), StringComparison.Ordinal);
        await Http.DoneAsync(HttpMethod.Put, $"/api/users/{user}/interests", Types(100));
    }

    [Theory]
    [InlineData("POST", "/api/posts", true)]
    [InlineData("PUT", "/api/users/7/interests", true)]
    [InlineData("PUT", "/api/users/7/interests", false)]
    public async Task A_body_of_more_than_a_mebibyte_is_too_large(string method, string path, bool hasLength)
    {
        using var content = new StringContent($"[\"{new string('x', 1 << 20)}\"]", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        request.Headers.TransferEncodingChunked = !hasLength;
        // The refusal must not meet a client that still sends: the server closes the connection.
        request.Headers.ExpectContinue = true;

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Contains("at most 1048576 bytes", await response.DetailAsync(413), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_not_named_JSON_is_refused()
    {
        using var content = new StringContent("""{"authorId":"7","postId":"1"}""", Encoding.UTF8, "text/plain");
        using var response = await Http.PostAsync(new Uri("/api/posts", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Contains("Content-Type: application/json", await response.DetailAsync(415), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_id_of_129_bytes_is_refused()
    {
        using var response = await Http.SendAsync(HttpMethod.Put, $"/api/users/{new string('a', 129)}/followers/8");
        Assert.Contains("at most 128 bytes", await response.DetailAsync(400), StringComparison.Ordinal);
    }
}
