using System.Text.Json;
using System.Text.Json.Serialization;
using SseScaling.Api.Http;

namespace SseScaling.Api.Social;

/// <summary>A post of an author, of which the followers are told.</summary>
/// <param name="Author">Who wrote it.</param>
/// <param name="Id">Its id, unique for its author.</param>
internal sealed record Post(string Author, string Id)
{
    /// <summary>The type of the event.</summary>
    public const string Type = "new-post";

    /// <summary>Makes repeats harmless: a follower's topic takes one event with it.</summary>
    public string Key => $"post:{Author.Length}:{Author}{Id}";

    /// <summary>The event: <c>{"type":"new-post","postId":…,"authorId":…}</c>.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new PostEvent(Type, Id, Author), ApiJson.Default.PostEvent);
}

/// <summary>A post as its author's followers get it; the fields stand in this order.</summary>
internal sealed record PostEvent(string Type, string PostId, string AuthorId);

/// <summary>The body of <c>POST /api/posts</c>.</summary>
/// <param name="AuthorId">Who writes: a user's id.</param>
/// <param name="PostId">The post's id, unique for its author: 1 to 128 characters, no control characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PostRequest(string AuthorId, string PostId)
{
    private const int MaxPostId = 128;

    public static readonly BodyForm Form = new("A post is an object", """{"authorId":"7","postId":"310-2"}""", ["authorId", "postId"]);

    /// <summary>The post; null when a field is missing or wrong.</summary>
    /// <param name="error">What the caller should change, when the result is null.</param>
    public Post? Read(out string error)
    {
        error = Problem() ?? "";
        return error.Length == 0 ? new Post(AuthorId, PostId) : null;
    }

    private string? Problem()
    {
        // The serializer leaves out what the body leaves out.
        if (AuthorId is null || PostId is null)
            return $"The field '{(AuthorId is null ? "authorId" : "postId")}' is missing: a post has authorId and postId.";
        if (UserId.Problem(AuthorId) is { } problem)
            return problem;
        return PostId.Length is 0 or > MaxPostId || PostId.Any(c => char.IsControl(c) || c == '\uFFFD')
            ? $"The field 'postId' has 1 to {MaxPostId} characters and no control characters."
            : null;
    }
}
