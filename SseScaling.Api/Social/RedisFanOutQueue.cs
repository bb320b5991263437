using Microsoft.Extensions.Options;
using SseScaling.Api.Telemetry;
using SseScaling.Messaging;
using StackExchange.Redis;

namespace SseScaling.Api.Social;

/// <summary>
/// The queue of all replicas: a stream with one consumer group. A job belongs to one replica while that shows progress; one that stopped for
/// <see cref="SocialOptions.TakeOverAfter"/> is taken over by another, behind the last page that was finished.
/// </summary>
/// <remarks>A page that two replicas publish is harmless: the events have keys.</remarks>
internal sealed partial class RedisFanOutQueue(
    RedisLink link, FanOut fanOut, ReplicaName name, IOptions<SocialOptions> options, ILogger<RedisFanOutQueue> log) : BackgroundService, IFanOutQueue
{
    private const string Group = "replicas";
    private const string Author = "author";
    private const string PostId = "post";
    private const string To = "to";
    private const string Trace = "trace";

    // New jobs of other replicas are looked for so often; this replica's own begin at once.
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _added = new(0);
    private bool _hasGroup;

    public async Task AddAsync(Post post, Audience audience)
    {
        try
        {
            NameValueEntry[] job = [new(Author, post.Author), new(PostId, post.Id), new(To, audience.ToString()), new(Trace, FanOutSpans.Current ?? "")];
            await link.Database.StreamAddAsync(RedisNames.FanOutJobs, job);
        }
        catch (Exception e) when (RedisFaults.IsFault(e))
        {
            throw RedisFaults.Unavailable(e);
        }

        _added.Release();
    }

    public override void Dispose()
    {
        _added.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    while (await NextAsync() is { IsNull: false } job)
                        await RunAsync(job, stoppingToken);
                }
                catch (Exception e) when (RedisFaults.IsFault(e))
                {
                    // The group may be gone with its stream. A job that was begun is taken up again like one of another replica.
                    _hasGroup = false;
                }

                await _added.WaitAsync(Poll, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops; another replica goes on.
        }
    }

    private async Task<StreamEntry> NextAsync()
    {
        var database = link.Database;
        if (!_hasGroup)
            await CreateGroupAsync(database);
        var idle = (long)options.Value.TakeOverAfter.TotalMilliseconds;
        var taken = await database.StreamAutoClaimAsync(RedisNames.FanOutJobs, Group, name.Instance, idle, "0-0", 1);
        if (taken.ClaimedEntries.FirstOrDefault() is { IsNull: false, Values.Length: > 0 } abandoned)
        {
            LogTakenOver(abandoned[Author].ToString(), abandoned[PostId].ToString());
            return abandoned;
        }

        return (await database.StreamReadGroupAsync(RedisNames.FanOutJobs, Group, name.Instance, count: 1)) is [var job] ? job : StreamEntry.Null;
    }

    private async Task CreateGroupAsync(IDatabase database)
    {
        try
        {
            await database.StreamCreateConsumerGroupAsync(RedisNames.FanOutJobs, Group, "0-0");
        }
        catch (RedisServerException e) when (e.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // Another replica was first.
        }

        _hasGroup = true;
    }

    private async Task RunAsync(StreamEntry job, CancellationToken stopping)
    {
        var post = new Post(job[Author].ToString(), job[PostId].ToString());
        var after = await link.Database.HashGetAsync(RedisNames.FanOutProgress, job.Id);
        var audience = Enum.TryParse<Audience>(job[To].ToString(), out var some) ? some : Audience.All;
        using var span = FanOutSpans.Start(job[Trace].ToString());
        var recipients = await fanOut.RunAsync(post, audience, after.IsNull ? null : after.ToString(), (last, _) => KeepAsync(job.Id, last), stopping);
        span?.SetTag("sse.recipients", recipients);
        var database = link.Database;
        await database.StreamAcknowledgeAsync(RedisNames.FanOutJobs, Group, job.Id);
        await Task.WhenAll(
            database.StreamDeleteAsync(RedisNames.FanOutJobs, [job.Id]),
            database.HashDeleteAsync(RedisNames.FanOutProgress, job.Id));
        LogDone(post.Author, post.Id, recipients);
    }

    /// <summary>Remembers where the next replica would go on, and shows that this one is at work: XCLAIM sets the job's idle time back.</summary>
    private Task KeepAsync(RedisValue id, string last)
    {
        var database = link.Database;
        return Task.WhenAll(
            database.HashSetAsync(RedisNames.FanOutProgress, id, last),
            database.ExecuteAsync("XCLAIM", RedisNames.FanOutJobs, Group, name.Instance, 0, id, "JUSTID"));
    }

    [LoggerMessage(42, LogLevel.Information, "[SSE] Post {Post} of {Author} was left unfinished by another replica; going on with it")]
    private partial void LogTakenOver(string author, string post);

    [LoggerMessage(43, LogLevel.Information, "[SSE] Post {Post} of {Author} was fanned out to {Recipients} followers here")]
    private partial void LogDone(string author, string post, long recipients);
}
