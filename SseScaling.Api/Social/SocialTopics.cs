namespace SseScaling.Api.Social;

/// <summary>The topics of the social network.</summary>
internal static class SocialTopics
{
    private const string UserPrefix = "notifications:";

    /// <summary>A user's topic, which is also the Redis channel.</summary>
    public static string OfUser(string user) => UserPrefix + user;

    /// <summary>Whose topic it is; null for another one.</summary>
    public static string? UserOf(string topic) => topic.StartsWith(UserPrefix, StringComparison.Ordinal) ? topic[UserPrefix.Length..] : null;

    /// <summary>Where a celebrity's posts stand once for all followers.</summary>
    public static string OfAuthor(string author) => "posts:" + author;
}
