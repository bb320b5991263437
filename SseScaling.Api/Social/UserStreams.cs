using System.Text;
using SseScaling.Backplane;
using SseScaling.Hosting;
using SseScaling.Protocol;
using SseScaling.Topics;

namespace SseScaling.Api.Social;

/// <summary>Changes open streams of users when any replica says that what they want has changed.</summary>
/// <remarks>
/// The notice is a user's name on the topic <see cref="Notices"/>, or an author's behind <see cref="AuthorMark"/> who became a celebrity; at most once. The list of
/// celebrities is looked at every few seconds, and after an interruption of the backplane at once.
/// </remarks>
internal sealed class UserStreams(
    OpenStreams streams, UserPlans plans, Celebrities celebrities, ISocialStore store, IBackplane backplane, Supervision supervision)
    : SupervisedService(supervision), ITopicReceiver
{
    /// <summary>The topic on which replicas tell each other whose settings changed.</summary>
    public const string Notices = "sse:social";

    /// <summary>Stands before a celebrity's name; in no user's name.</summary>
    public const char AuthorMark = '!';

    private const int UsersPerRead = 1_000;

    private static readonly TimeSpan CelebritiesInterval = TimeSpan.FromSeconds(5);

    // A stream whose topic is not live yet follows a change later; whoever made the change is not kept waiting for it.
    private static readonly TimeSpan ChangePatience = TimeSpan.FromSeconds(1);

    private bool _isSubscribed;

    /// <summary>Tells all replicas that what a user wants has changed; returns when this replica's streams follow it.</summary>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    public async Task ChangedAsync(string user)
    {
        await backplane.PublishAsync([new SseEvent(Notices, Encoding.UTF8.GetBytes(user)) { Durable = false }], CancellationToken.None);
        await Task.WhenAny(RefreshAsync(user), Task.Delay(ChangePatience));
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlyMemory<byte> message)
    {
        var notice = Encoding.UTF8.GetString(EventEnvelope.Parse(message).Data.Span);
        if (plans.AreNeeded)
            ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.Streams.HeedAsync(s.Notice), (Streams: this, Notice: notice), preferLocal: false);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        backplane.Restored += WorkNow;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        backplane.Restored -= WorkNow;
        base.Dispose();
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (!_isSubscribed)
            await backplane.SubscribeAsync(Notices, this, stoppingToken);
        _isSubscribed = true;
        await RepeatAsync(CelebritiesInterval, ReadCelebritiesAsync, stoppingToken);
    }

    private async Task ReadCelebritiesAsync(CancellationToken cancellationToken)
    {
        // Somebody new on the list: the followers' streams do not merge its posts yet.
        if (await celebrities.RefreshAsync())
            streams.RefreshAll();
    }

    private async Task HeedAsync(string notice)
    {
        if (!notice.StartsWith(AuthorMark))
        {
            await RefreshAsync(notice);
            return;
        }

        try
        {
            await celebrities.RefreshAsync();
            foreach (var users in streams.Users.Chunk(UsersPerRead))
                await Task.WhenAll((await store.SelectFollowersAsync(users, notice[1..])).Select(streams.RefreshAsync));
        }
        catch (SseUnavailableException)
        {
            streams.RefreshAll();
        }
    }

    private Task RefreshAsync(string user)
    {
        plans.Forget(user);
        return streams.RefreshAsync(user);
    }
}
