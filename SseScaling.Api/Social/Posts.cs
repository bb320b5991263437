using Microsoft.Extensions.Options;

namespace SseScaling.Api.Social;

/// <summary>Brings a post to its author's followers, by the strategy that the options name.</summary>
/// <remarks>
/// <code>
/// celebrity (Read, or Hybrid from CelebrityFollowers on) ─▶ one event on the author's topic, which the followers' streams merge; and as below to
///                                                           those whose streams merge as many authors as they can
/// few followers                                          ─▶ one event on each follower's topic, before the answer
/// many followers                                         ─▶ the same in the background, as a job that outlives this replica
/// </code>
/// </remarks>
internal sealed class Posts(
    ISocialStore store, FanOut fanOut, IFanOutQueue queue, Celebrities celebrities, ISsePublisher publisher, IOptions<SocialOptions> options)
{
    /// <summary>Publishes a post. Returns how many followers get it: in the background and for celebrities, how many follow.</summary>
    /// <exception cref="SseUnavailableException">Redis is away. Posting again is harmless.</exception>
    public async Task<long> PublishAsync(Post post, CancellationToken cancellationToken)
    {
        var followers = await store.CountFollowersAsync(post.Author);
        if (followers == 0)
            return 0;
        if (IsCelebrity(post.Author, followers))
        {
            await celebrities.PromoteAsync(post.Author);
            var draft = new SseEvent(SocialTopics.OfAuthor(post.Author), post.ToJson()) { Key = post.Key };
            await publisher.PublishAsync([draft], cancellationToken);
            await WriteAsync(post, Audience.Unmerged, await store.CountFollowersAsync(post.Author, Audience.Unmerged), cancellationToken);
            return followers;
        }

        return await WriteAsync(post, Audience.All, followers, cancellationToken);
    }

    private async Task<long> WriteAsync(Post post, Audience audience, long followers, CancellationToken cancellationToken)
    {
        if (followers <= options.Value.BackgroundFollowers)
            return followers == 0 ? 0 : await fanOut.RunAsync(post, audience, null, null, cancellationToken);
        await queue.AddAsync(post, audience);
        return followers;
    }

    private bool IsCelebrity(string author, long followers) => options.Value.FanOut switch
    {
        FanOutStrategy.Write => false,
        FanOutStrategy.Read => true,
        _ => followers >= options.Value.CelebrityFollowers || celebrities.Since.ContainsKey(author),
    };
}
