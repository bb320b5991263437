using System.Text;
using SseScaling.Api.Http;
using SseScaling.Backplane;
using SseScaling.Protocol;

namespace SseScaling.Api.Social;

/// <summary>The authors whose posts stand once, on their own topic, and are merged into their followers' streams. Whoever is one stays one.</summary>
/// <remarks>
/// Each has the position that its topic had when it became one: earlier posts reached the followers by their own topics, so a follower's stream that begins
/// there misses nothing and repeats nothing, however late its replica hears of it.
/// </remarks>
internal sealed class Celebrities(ISocialStore store, IBackplane backplane)
{
    private volatile IReadOnlyDictionary<string, EventPosition> _since = new Dictionary<string, EventPosition>();

    /// <summary>Those whom this replica knows, with the positions from which on their topics count.</summary>
    public IReadOnlyDictionary<string, EventPosition> Since => _since;

    /// <summary>Makes an author a celebrity, and tells all replicas; nothing happens when it is one.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    public async Task PromoteAsync(string author)
    {
        if (_since.ContainsKey(author))
            return;
        await store.AddCelebrityAsync(author, await HeadAsync(author));
        await RefreshAsync();
        await backplane.PublishAsync(
            [new SseEvent(UserStreams.Notices, Encoding.UTF8.GetBytes(UserStreams.AuthorMark + author)) { Durable = false }], CancellationToken.None);
    }

    /// <summary>Where the posts begin that a new follower gets; null for an author who is none.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    public async Task<EventPosition?> SinceNowAsync(string author) => _since.ContainsKey(author) ? await HeadAsync(author) : null;

    /// <summary>Reads the list anew; true when it has changed.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    public async Task<bool> RefreshAsync()
    {
        var read = await store.ReadCelebritiesAsync();
        var changed = read.Count != _since.Count;
        _since = read;
        return changed;
    }

    private async Task<EventPosition> HeadAsync(string author) => (await backplane.ReadHeadsAsync([TopicName.OfAuthor(author)], CancellationToken.None))[0];
}
