using System.Text.Json;

namespace SseScaling.Api.Social;

/// <summary>Reads the small JSON bodies of the social endpoints; what is wrong with one is said in a sentence.</summary>
internal static class SocialBody
{
    /// <summary>The most types that a user may name.</summary>
    public const int MaxInterests = 10_000;

    private const int MaxTypeLength = 64;
    private const int MaxPostId = 128;
    private const int MaxBody = 1 << 20;

    /// <summary>Reads <c>{"authorId": string, "postId": string}</c>.</summary>
    public static Task<(Post? Post, string Error)> ReadPostAsync(HttpContext context) =>
        ReadAsync(context, ReadPost, """{"authorId":"7","postId":"310-2"}""");

    /// <summary>Reads an array of types; duplicates count once.</summary>
    public static Task<(IReadOnlySet<string>? Types, string Error)> ReadInterestsAsync(HttpContext context) =>
        ReadAsync(context, ReadInterests, """["like","new-post"]""");

    private static (Post? Post, string Error) ReadPost(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return (null, """A post is an object: {"authorId":"7","postId":"310-2"}.""");
        string? author = null, post = null;
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name is not ("authorId" or "postId"))
                return (null, $"The field '{property.Name}' is unknown: a post has authorId and postId.");
            if (property.Value.ValueKind != JsonValueKind.String)
                return (null, $"The field '{property.Name}' is a string.");
            if (property.Name == "authorId")
                author = property.Value.GetString();
            else
                post = property.Value.GetString();
        }

        if (author is null || post is null)
            return (null, $"The field '{(author is null ? "authorId" : "postId")}' is missing: a post has authorId and postId.");
        if (UserId.Problem(author) is { } problem)
            return (null, problem);
        if (post.Length is 0 or > MaxPostId || post.Any(c => char.IsControl(c) || c == '\uFFFD'))
            return (null, $"The field 'postId' has 1 to {MaxPostId} characters and no control characters.");
        return (new Post(author, post), "");
    }

    private static (IReadOnlySet<string>? Types, string Error) ReadInterests(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
            return (null, """Interests are an array of types: ["like","new-post"].""");
        if (json.GetArrayLength() > MaxInterests)
            return (null, $"A user has at most {MaxInterests} interests, these are {json.GetArrayLength()}: name fewer, or DELETE them to get all.");
        var types = new HashSet<string>();
        foreach (var item in json.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || item.GetString() is not { Length: > 0 and <= MaxTypeLength } type || type.Any(char.IsControl))
                return (null, $"An interest is the type of an event: a string of 1 to {MaxTypeLength} characters without control characters.");
            types.Add(type);
        }

        return (types, "");
    }

    private static async Task<(T? Value, string Error)> ReadAsync<T>(HttpContext context, Func<JsonElement, (T?, string)> read, string example)
        where T : class
    {
        // The limit makes the server stop reading, and answer 413 by itself where nothing was read yet.
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBody;
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            return (null, $"The body is no valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): send e.g. {example}.");
        }
        catch (InvalidOperationException)
        {
            return (null, $"The body contains text that is no valid Unicode: send e.g. {example}.");
        }
    }
}
