using System.Globalization;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>Every name that the library uses in Redis.</summary>
/// <remarks>
/// <code>
/// channel  = topic                            ; so any client's PUBLISH reaches the topic's subscribers
/// head     = "sse:head:"   tag                ; string: the EventPosition of the last durable event
/// stream   = "sse:stream:" tag                ; stream: ids offset "-0", one field "e" with the envelope
/// key      = "sse:key:" length ":" tag key    ; string: the position that the idempotency key's first event got
/// tag      = "{t=" topic "}"
/// length   = 1*DIGIT                          ; of the topic, in UTF-16 units
/// user     = "sse:user:{u=" user "}"          ; sorted set: the user's open streams by the time of their opening
/// replicas = "sse:replicas"                   ; hash: instance -> its latest figures as JSON
/// ticket   = "sse:ticket:" id                 ; empty string, until the ticket is used or too old
/// revoked  = "sse:revoked"                    ; hash: rights that ended before their time -> when that may be forgotten
/// </code>
/// Redis Cluster hashes what stands between the first brace and the next closing one: all keys of a topic share a slot, whatever the
/// topic contains; <c>t=</c> keeps that part from being empty, which would hash the whole key. The length keeps topic and key apart: without it
/// the topic <c>a</c> with the key <c>b}c</c> and the topic <c>a}b</c> with the key <c>c</c> would share one name.
/// </remarks>
internal static class RedisKeys
{
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

    /// <summary>The replicas' reports, a field each.</summary>
    public static RedisKey Replicas => "sse:replicas";

    /// <summary>A ticket that can be used.</summary>
    public static RedisKey Ticket(string id) => "sse:ticket:" + id;

    /// <summary>The revocations, a field each.</summary>
    public static RedisKey Revoked => "sse:revoked";
}
