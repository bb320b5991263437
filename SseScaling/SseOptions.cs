using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace SseScaling;

/// <summary>How this replica serves its streams. Configuration section <c>Sse</c>, e.g. <c>Sse__Heartbeat=00:00:20</c>.</summary>
public sealed class SseOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Sse";

    /// <summary>The longest batch window: 10 s.</summary>
    public static readonly TimeSpan MaxBatchWindow = TimeSpan.FromSeconds(10);

    /// <summary>A comment is sent when a stream was idle for so long. Default 15 s, 1 s to 10 min: below the usual proxy time-outs of 30 to 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The reconnect delay that streams tell their clients. Default 2 s, 0.1 s to 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Retry { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>What may wait for one client, in bytes. Default 256 KiB, 64 KiB to 64 MiB. Beyond it the stream ends with <c>slow-consumer</c>.</summary>
    [Range(64 << 10, 64 << 20)]
    public int MaxQueuedBytes { get; set; } = 256 << 10;

    /// <summary>What may wait for one client, in events. Default 10,000, 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueuedEvents { get; set; } = 10_000;

    /// <summary>A client that takes nothing for so long while something waits is disconnected. Default 30 s, 1 s to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest life of a stream; it ends within 20 % below, so that streams opened together do not end together. Default none;
    /// e.g. 55 s or 15 min for platforms that cut requests. At least 1 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan? MaxLifetime { get; set; }

    /// <summary>Over how long a stop ends the open streams. Default 4 s, 0 to 5 min: Aspire kills 6 s after its SIGTERM.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainWindow { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// The most streams of this replica. 0 (default): what the process's file limit leaves, beside what is open once the process has started, 32 requests, and 256 (128
    /// where the limit is 512) for the runtime, Redis and files.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnections { get; set; }

    /// <summary>
    /// The most streams of one client address on this replica; addresses of one IPv6 /64 count as one. Beyond it 429, and a browser is told when to come back. Default 0: no
    /// limit, since one address may be a company, or a proxy whose <c>X-Forwarded-For</c> the application does not believe. At most 1,000,000.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxStreamsPerAddress { get; set; }

    /// <summary>
    /// The topics that everybody may listen to, also where the application has an authentication scheme: names, or beginnings with an asterisk, e.g. <c>news:*</c>.
    /// Default none.
    /// </summary>
    public IList<string> PublicTopics { get; } = [];

    /// <summary>
    /// The longest life of a token: for so long a revocation (<see cref="ISseConnections.RevokeAsync"/>) is kept. Default 1 day, 1 min to 366 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "366.00:00:00")]
    public TimeSpan MaxTokenLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a topic without subscribers stays subscribed, for clients that reconnect. Default 10 s, 0 to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan TopicLinger { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the positions of all subscribed topics are compared with their streams. Default 5 s, 0.1 s to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Reconcile { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The batch window of streams that ask for none: what arrives within it becomes one event. Default 0, none; at most 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan BatchWindow { get; set; }

    /// <summary>Threads that fan out. A topic belongs to one of them. 0 (default): one per two cores. At most 64.</summary>
    [Range(0, 64)]
    public int Dispatchers { get; set; }

    /// <summary>
    /// Whether plaintext HTTP/1 streams leave the web server's hands once all middleware has let them in (Linux only): 4 KB for an idle stream instead of 28, and half
    /// the CPU of a delivery. Default true.
    /// </summary>
    public bool DirectSockets { get; set; } = true;

    /// <summary>The most streams of one user in the whole cluster. 0 (default here): no limit; the AppHost sets 20. At most 10,000.</summary>
    [Range(0, 10_000)]
    public int MaxStreamsPerUser { get; set; }

    /// <summary>
    /// Whether it is kept in the cluster which streams each user has open: for <see cref="ISseConnections.CountAsync"/> of a user, without asking the replicas. It costs
    /// the backplane two commands for a stream that opens and one for its end. Default true. With <see cref="MaxStreamsPerUser"/> it is kept in any case.
    /// </summary>
    public bool TrackUsers { get; set; } = true;

    /// <summary>What is kept of each topic. Section <c>Sse:History</c>.</summary>
    [ValidateObjectMembers]
    public SseHistoryOptions History { get; set; } = new();

    /// <summary>What happens beyond <see cref="MaxStreamsPerUser"/>. Default: the oldest stream ends.</summary>
    [EnumDataType(typeof(SseUserLimitPolicy))]
    public SseUserLimitPolicy UserLimit { get; set; }

    /// <summary>
    /// Called with each stream that has begun on this replica, once, on the thread pool; what streams deliver does not wait for it. A failure is logged, and the stream
    /// goes on. Default null: nobody is called, which costs nothing.
    /// </summary>
    /// <remarks>
    /// Calls for different streams run at the same time and in no order. What they need of the application's services comes by
    /// <c>AddOptions&lt;SseOptions&gt;().Configure&lt;TService&gt;((options, service) =&gt; …)</c>; the request is over.
    /// </remarks>
    public Func<SseConnection, Task>? OnConnected { get; set; }

    /// <summary>
    /// Called with each stream that has ended on this replica, as it was then, and why; once, on the thread pool, when <see cref="OnConnected"/> is done for that stream,
    /// also when that failed. A failure is logged. Default null.
    /// </summary>
    /// <remarks>
    /// A stop waits for the calls of the streams that it drains, for as long as <see cref="HostOptions.ShutdownTimeout"/> allows. A process that is killed calls nobody:
    /// who is connected in the cluster is for <see cref="ISseConnections"/> to say.
    /// </remarks>
    public Func<SseConnection, SseDisconnectReason, Task>? OnDisconnected { get; set; }
}

/// <summary>What happens when a user opens one stream too many.</summary>
public enum SseUserLimitPolicy
{
    /// <summary>The user's oldest stream ends with the reason <c>replaced</c>.</summary>
    EndOldest,

    /// <summary>The new one is answered with 429 and Retry-After.</summary>
    RefuseNewest,
}
