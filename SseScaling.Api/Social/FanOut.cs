using Microsoft.Extensions.Options;

namespace SseScaling.Api.Social;

/// <summary>
/// Fan-out on write: one event on each follower's topic. Followers are read a page at a time, the next one while the last two are published, so the
/// memory does not grow with their number; and no script runs for longer than a millisecond, so nobody waits for it.
/// </summary>
internal sealed class FanOut(ISocialStore store, ISsePublisher publisher, IOptions<SocialOptions> options)
{
    /// <summary>Publishes a post to all followers behind a name.</summary>
    /// <param name="post">The post.</param>
    /// <param name="audience">Which of the followers.</param>
    /// <param name="after">The last follower who was served before; null: none.</param>
    /// <param name="progress">Told after each page the last follower who is served, and how many got the event; repeats count too.</param>
    /// <param name="cancellationToken">Stops between two pages.</param>
    /// <returns>How many followers got the event.</returns>
    /// <exception cref="SseUnavailableException">The store or the backplane is away. What was published may be published again: it has a key.</exception>
    public async Task<long> RunAsync(Post post, Audience audience, string? after, Func<string, int, Task>? progress, CancellationToken cancellationToken)
    {
        var (data, key) = (post.ToJson(), post.Key);
        var recipients = 0L;
        var next = ReadAsync(post, audience, after);
        var before = Task.CompletedTask;
        try
        {
            while (await next is { Last: { } last } page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                next = ReadAsync(post, audience, last);
                var current = PublishAsync(page.Wanting, data, key, cancellationToken);
                await before;
                recipients += page.Wanting.Count;
                before = FinishAsync(current, last, page.Wanting.Count, progress);
            }

            await before;
            return recipients;
        }
        catch
        {
            // Nobody waits any more for what is under way; what it ends with must not go unobserved.
            await Task.WhenAll(next, before).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static async Task FinishAsync(Task publishing, string last, int count, Func<string, int, Task>? progress)
    {
        await publishing;
        if (progress is not null)
            await progress(last, count);
    }

    private Task PublishAsync(IReadOnlyList<string> users, byte[] data, string key, CancellationToken cancellationToken) => users.Count == 0
        ? Task.CompletedTask
        : publisher.PublishAsync([.. users.Select(user => new SseEvent(SocialTopics.OfUser(user), data) { Key = key })], cancellationToken);

    private async Task<(string? Last, IReadOnlyList<string> Wanting)> ReadAsync(Post post, Audience audience, string? after)
    {
        var page = await store.ReadFollowersAsync(post.Author, after, options.Value.PageSize, audience);
        if (page.Count == 0)
            return (null, page);
        return (page[^1], options.Value.SelectiveDelivery ? await store.SelectWantingAsync(page, post.Author, Post.Type) : page);
    }
}
