using System.Globalization;
using StackExchange.Redis;

namespace SseScaling.Api.Social;

/// <summary>Every name that the social network uses in Redis.</summary>
/// <remarks>
/// <code>
/// followers   = "sse:followers:{a=" author "}"   ; sorted set, all scores 0: who follows an author, in the order of the names
/// unmerged    = "sse:unmerged:{a=" author "}"    ; the same: those of them who get even a celebrity's posts on their own topics
/// followed    = "sse:followed:{u=" user "}"      ; hash: author -> "", or where a celebrity's posts begin for this user, or "+": unmerged
/// celebrities = "sse:celebrities"                ; hash: author -> the position from which on the posts stand on the author's own topic
/// fanout      = "sse:fanout"                     ; stream with the group "replicas": posts to be fanned out in the background
/// progress    = "sse:fanout:progress"            ; hash: entry of that stream -> the last follower who was served
/// interests   = "sse:interests:" bucket          ; hash: user -> the types that he wants, as JSON; users are spread over 64 buckets
/// muted       = "sse:muted:{u=" user "}"         ; set: the authors of whom a user wants nothing
/// mutedby     = "sse:mutedby:{a=" author "}"     ; set: the same the other way
/// </code>
/// What stands in braces is what Redis Cluster hashes: a user's keys may be on one server and another user's on another.
/// </remarks>
internal static class SocialKeys
{
    private const uint InterestsBuckets = 64;

    /// <summary>The posts to be fanned out in the background.</summary>
    public static RedisKey FanOutJobs => "sse:fanout";

    /// <summary>How far each of them is.</summary>
    public static RedisKey FanOutProgress => "sse:fanout:progress";

    /// <summary>The authors whose posts stand on their own topics.</summary>
    public static RedisKey Celebrities => "sse:celebrities";

    /// <summary>Who follows an author.</summary>
    public static RedisKey Followers(string author) => "sse:followers:{a=" + author + "}";

    /// <summary>Who follows an author, and gets the posts on an own topic in any case.</summary>
    public static RedisKey Unmerged(string author) => "sse:unmerged:{a=" + author + "}";

    /// <summary>Whom a user follows.</summary>
    public static RedisKey Followed(string user) => "sse:followed:{u=" + user + "}";

    /// <summary>The bucket of a user's interests: the same in every process and version.</summary>
    public static int InterestsBucket(string user)
    {
        var hash = 2166136261u; // FNV-1a
        foreach (var c in user)
            hash = (hash ^ c) * 16777619u;
        return (int)(hash % InterestsBuckets);
    }

    /// <summary>The interests of the users of one bucket: many users are asked for at once, which one key each would make slow.</summary>
    public static RedisKey Interests(int bucket) => string.Create(CultureInfo.InvariantCulture, $"sse:interests:{bucket}");

    /// <summary>The authors of whom a user wants nothing.</summary>
    public static RedisKey Muted(string user) => "sse:muted:{u=" + user + "}";

    /// <summary>The users who want nothing of an author.</summary>
    public static RedisKey MutedBy(string author) => "sse:mutedby:{a=" + author + "}";
}
