using Microsoft.Extensions.Options;

namespace SseScaling.Api.Social;

/// <summary>What a user's stream delivers beside the user's own topic, and what it leaves out.</summary>
internal sealed class WishPlans(ISocialStore store, Celebrities celebrities, IOptions<SocialOptions> options)
{
    /// <summary>Whether a user's stream depends on more than its request.</summary>
    public bool AreNeeded => options.Value.SelectiveDelivery || options.Value.FanOut != FanOutStrategy.Write;

    /// <summary>Adds what a user wants to a stream's plan.</summary>
    /// <exception cref="SseUnavailableException">The user's wishes cannot be read at the moment.</exception>
    public async Task AddAsync(string user, SsePlan plan)
    {
        if (options.Value.SelectiveDelivery)
            plan.Where(WishFilter.Of(await store.ReadSettingsAsync(user)));

        // A plan that is asked for again comes of a change, which may be a new celebrity's.
        if (plan.IsOpen)
            await celebrities.RefreshAsync();
        var since = celebrities.Since;
        if (since.Count == 0)
            return;
        var followed = await store.ReadFollowedAsync(user);
        foreach (var (author, start) in followed.Where(author => since.ContainsKey(author.Key)).OrderBy(author => author.Key, StringComparer.Ordinal))
            plan.Topic(SocialTopics.OfAuthor(author), start ?? since[author]);
    }
}
