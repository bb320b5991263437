using System.Text;

namespace SseScaling.Api.Social;

/// <summary>The authors whose posts stand once, on their own topic, and are merged into their followers' streams. Whoever is one stays one.</summary>
/// <remarks>
/// Each has the position that its topic had when it became one: earlier posts reached the followers by their own topics, so a follower's stream that begins
/// there misses nothing and repeats nothing, however late its replica hears of it.
/// </remarks>
internal sealed class Celebrities(ISocialStore store, ISsePublisher publisher, ISseSubscriber subscriber)
{
    private volatile IReadOnlyDictionary<string, string> _since = new Dictionary<string, string>();

    /// <summary>Those whom this replica knows, with the positions from which on their topics count.</summary>
    public IReadOnlyDictionary<string, string> Since => _since;

    /// <summary>Makes an author a celebrity, and tells all replicas; nothing happens when it is one.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    public async Task PromoteAsync(string author)
    {
        if (_since.ContainsKey(author))
            return;
        await store.AddCelebrityAsync(author, await HeadAsync(author));
        await RefreshAsync();
        await publisher.PublishUtf8Async(UserStreams.Notices, Encoding.UTF8.GetBytes(UserStreams.AuthorMark + author), new() { Durable = false });
    }

    /// <summary>Where the posts begin that a new follower gets; null for an author who is none.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    public async Task<string?> SinceNowAsync(string author) => _since.ContainsKey(author) ? await HeadAsync(author) : null;

    /// <summary>Reads the list anew; true when it has changed.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    public async Task<bool> RefreshAsync()
    {
        var read = await store.ReadCelebritiesAsync();
        var changed = read.Count != _since.Count;
        _since = read;
        return changed;
    }

    private async Task<string> HeadAsync(string author) => (await subscriber.GetLastIdsAsync([SocialTopics.OfAuthor(author)]))[0];
}
