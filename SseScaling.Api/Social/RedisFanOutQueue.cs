using Microsoft.Extensions.Options;
using SseScaling.Hosting;
using SseScaling.Redis;
using StackExchange.Redis;

namespace SseScaling.Api.Social;

/// <summary>
/// The queue of all replicas: a stream with one consumer group. A job belongs to one replica while that shows progress; one that stopped for
/// <see cref="SocialOptions.TakeOverAfter"/> is taken over by another, behind the last page that was finished.
/// </summary>
/// <remarks>A page that two replicas publish is harmless: the events have keys.</remarks>
internal sealed partial class RedisFanOutQueue(
    RedisLink link, FanOut fanOut, ISseConnections connections, IOptions<SocialOptions> options, Supervision supervision, ILogger<RedisFanOutQueue> log)
    : SupervisedService(supervision), IFanOutQueue
{
    private const string Group = "replicas";
    private const string Author = "author";
    private const string PostId = "post";
    private const string To = "to";
    private const string Trace = "trace";

    // New jobs of other replicas are looked for so often; this replica's own begin at once.
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly string _consumer = connections.Replica.Instance;
    private readonly SemaphoreSlim _added = new(0);

    public async Task AddAsync(Post post, Audience audience)
    {
        NameValueEntry[] job = [new(Author, post.Author), new(PostId, post.Id), new(To, audience.ToString()), new(Trace, FanOutSpans.Current ?? "")];
        await link.AskAsync(database => database.StreamAddAsync(SocialKeys.FanOutJobs, job));
        _added.Release();
    }

    public override void Dispose()
    {
        _added.Dispose();
        base.Dispose();
    }

    /// <summary>A job that failed is taken up again like one of another replica.</summary>
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        // Also after a failure: the group may be gone with its stream.
        await link.AskAsync(CreateGroupAsync, stoppingToken);
        while (true)
        {
            while (await NextAsync(stoppingToken) is { IsNull: false } job)
                await FanOutAsync(job, stoppingToken);
            Worked(Poll);
            await _added.WaitAsync(Poll, stoppingToken);
        }
    }

    private static async Task CreateGroupAsync(IDatabase database)
    {
        try
        {
            await database.StreamCreateConsumerGroupAsync(SocialKeys.FanOutJobs, Group, "0-0");
        }
        catch (RedisServerException e) when (e.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // Another replica was first.
        }
    }

    private async Task<StreamEntry> NextAsync(CancellationToken stopping)
    {
        var idle = (long)options.Value.TakeOverAfter.TotalMilliseconds;
        var taken = await link.AskAsync(
            database => database.StreamAutoClaimAsync(SocialKeys.FanOutJobs, Group, _consumer, idle, "0-0", 1), stopping);
        if (taken.ClaimedEntries.FirstOrDefault() is { IsNull: false, Values.Length: > 0 } abandoned)
        {
            LogTakenOver(abandoned[Author].ToString(), abandoned[PostId].ToString());
            return abandoned;
        }

        var next = await link.AskAsync(database => database.StreamReadGroupAsync(SocialKeys.FanOutJobs, Group, _consumer, count: 1), stopping);
        return next is [var job] ? job : StreamEntry.Null;
    }

    private async Task FanOutAsync(StreamEntry job, CancellationToken stopping)
    {
        var post = new Post(job[Author].ToString(), job[PostId].ToString());
        var after = await link.AskAsync(database => database.HashGetAsync(SocialKeys.FanOutProgress, job.Id), stopping);
        var audience = Enum.TryParse<Audience>(job[To].ToString(), out var some) ? some : Audience.All;
        using var span = FanOutSpans.Start(job[Trace].ToString());
        var recipients = await fanOut.RunAsync(post, audience, after.IsNull ? null : after.ToString(), (last, _) => KeepAsync(job.Id, last), stopping);
        span?.SetTag("sse.recipients", recipients);
        await link.AskAsync(database => database.StreamAcknowledgeAsync(SocialKeys.FanOutJobs, Group, job.Id), stopping);
        await link.AskAsync(
            database => Task.WhenAll(
                database.StreamDeleteAsync(SocialKeys.FanOutJobs, [job.Id]),
                database.HashDeleteAsync(SocialKeys.FanOutProgress, job.Id)),
            stopping);
        LogDone(post.Author, post.Id, recipients);
    }

    /// <summary>Remembers where the next replica would go on, and shows that this one is at work: claiming a job sets its idle time back.</summary>
    private async Task KeepAsync(RedisValue id, string last)
    {
        await link.AskAsync(database => Task.WhenAll(
            database.HashSetAsync(SocialKeys.FanOutProgress, id, last),
            database.StreamClaimIdsOnlyAsync(SocialKeys.FanOutJobs, Group, _consumer, 0, [id])));
        Worked();
    }

    [LoggerMessage(42, LogLevel.Information, "[SSE] Post {Post} of {Author} was left unfinished by another replica; going on with it")]
    private partial void LogTakenOver(string author, string post);

    [LoggerMessage(43, LogLevel.Information, "[SSE] Post {Post} of {Author} was fanned out to {Recipients} followers here")]
    private partial void LogDone(string author, string post, long recipients);
}
