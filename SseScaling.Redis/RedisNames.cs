using System.Globalization;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>Every name that this solution's messaging uses in Redis.</summary>
/// <remarks>
/// <code>
/// channel = topic                                  ; so any client's PUBLISH reaches the topic's subscribers
/// head    = "sse:head:"   tag                      ; string: the EventPosition of the last durable event
/// stream  = "sse:stream:" tag                      ; stream: ids offset "-0", one field "e" with the envelope
/// key     = "sse:key:" length ":" tag key          ; string: the position that the idempotency key's first event got
/// tag     = "{t=" topic "}"
/// user    = "sse:user:{u=" user "}"              ; sorted set: instance "/" number of the user's open streams, by the time of their opening in ms; expires
/// replicas = "sse:replicas"                      ; hash: instance -> its latest figures as JSON
/// followers = "sse:followers:{a=" author "}"     ; sorted set, all scores 0: who follows an author, in the order of the names
/// unmerged = "sse:unmerged:{a=" author "}"       ; the same: those of them who get even a celebrity's posts on their own topics
/// followed = "sse:followed:{u=" user "}"         ; hash: author -> "", or where a celebrity's posts begin for this user, or "+": unmerged
/// celebrities = "sse:celebrities"                ; hash: author -> the position from which on the posts stand on the author's own topic
/// fanout  = "sse:fanout"                         ; stream with the group "replicas": posts to be fanned out in the background
/// progress = "sse:fanout:progress"               ; hash: entry of that stream -> the last follower who was served
/// interests = "sse:interests:" bucket            ; hash: user -> the types that he wants, as JSON; users are spread over 64 buckets
/// muted   = "sse:muted:{u=" user "}"             ; set: the authors of whom a user wants nothing
/// mutedby = "sse:mutedby:{a=" author "}"         ; set: the same the other way
/// length  = 1*DIGIT                                ; of the topic, in UTF-16 units
/// </code>
/// Redis Cluster hashes what stands between the first brace and the next closing one: all keys of a topic share a slot, whatever the
/// topic contains; <c>t=</c> keeps that part from being empty, which would hash the whole key. The length keeps topic and key apart: without it
/// the topic <c>a</c> with the key <c>b}c</c> and the topic <c>a}b</c> with the key <c>c</c> would share one name.
/// </remarks>
public static class RedisNames
{
    private const uint InterestsBuckets = 64;

    /// <summary>The stream entries' only field.</summary>
    public const string EnvelopeField = "e";

    /// <summary>The channel on which a topic's messages are published. Never a pattern, whatever the topic contains.</summary>
    public static RedisChannel Channel(string topic) => RedisChannel.Literal(topic);

    /// <summary>Where a topic's epoch and last offset stand.</summary>
    public static RedisKey Head(string topic) => "sse:head:{t=" + topic + "}";

    /// <summary>Where a topic's durable events are kept.</summary>
    public static RedisKey Stream(string topic) => "sse:stream:{t=" + topic + "}";

    /// <summary>Where an idempotency key of a topic is remembered.</summary>
    public static RedisKey IdempotencyKey(string topic, string key) =>
        string.Create(CultureInfo.InvariantCulture, $"sse:key:{topic.Length}:{{t={topic}}}{key}");

    /// <summary>A user's open streams in the whole cluster.</summary>
    public static RedisKey UserStreams(string user) => "sse:user:{u=" + user + "}";

    /// <summary>Who follows an author.</summary>
    public static RedisKey Followers(string author) => "sse:followers:{a=" + author + "}";

    /// <summary>Who follows an author, and gets the posts on an own topic in any case.</summary>
    public static RedisKey Unmerged(string author) => "sse:unmerged:{a=" + author + "}";

    /// <summary>Whom a user follows.</summary>
    public static RedisKey Followed(string user) => "sse:followed:{u=" + user + "}";

    /// <summary>The authors whose posts stand on their own topics.</summary>
    public static RedisKey Celebrities => "sse:celebrities";

    /// <summary>The posts to be fanned out in the background.</summary>
    public static RedisKey FanOutJobs => "sse:fanout";

    /// <summary>How far each of them is.</summary>
    public static RedisKey FanOutProgress => "sse:fanout:progress";

    /// <summary>The bucket of a user's interests: the same in every process and version.</summary>
    public static int InterestsBucket(string user)
    {
        ArgumentNullException.ThrowIfNull(user);
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

    /// <summary>The replicas' reports, a field each.</summary>
    public static RedisKey Replicas => "sse:replicas";
}
