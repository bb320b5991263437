namespace SseScaling.Api.Social;

/// <summary>The topics of the social network.</summary>
internal static class SocialTopics
{
    private const string UserPrefix = "notifications:";
    private const string AuthorPrefix = "posts:";

    // The monitor's figures, and the demo's stops.
    private static readonly string[] OwnPrefixes = ["cluster:", "demo:"];

    /// <summary>A user's topic, which is also the Redis channel.</summary>
    public static string OfUser(string user) => UserPrefix + user;

    /// <summary>Whose topic it is; null for another one.</summary>
    public static string? UserOf(string topic) => topic.StartsWith(UserPrefix, StringComparison.Ordinal) ? topic[UserPrefix.Length..] : null;

    /// <summary>Where a celebrity's posts stand once for all followers.</summary>
    public static string OfAuthor(string author) => AuthorPrefix + author;

    /// <summary>What is wrong with publishing on a topic from outside; null: nothing.</summary>
    public static string? Problem(string topic)
    {
        if (topic.StartsWith(AuthorPrefix, StringComparison.Ordinal))
            return $"Topics that begin with {AuthorPrefix} have what authors post: use POST /api/posts.";
        return Array.Find(OwnPrefixes, prefix => topic.StartsWith(prefix, StringComparison.Ordinal)) is { } own
            ? $"Topics that begin with {own} have what the replicas say themselves: choose another name."
            : null;
    }
}
