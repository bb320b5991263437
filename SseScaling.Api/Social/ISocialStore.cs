namespace SseScaling.Api.Social;

/// <summary>
/// Who follows whom, and what users want. One contract, two implementations: Redis for several replicas, memory for one process. Both pass the
/// same tests. Arguments are valid: endpoints check them.
/// </summary>
/// <remarks>Every member may be called from any thread, and throws <see cref="SseUnavailableException"/> while the store is away.</remarks>
internal interface ISocialStore
{
    /// <summary>
    /// Of so many authors a user's stream can merge the posts, beside the user's own topic. Whom the user follows beyond them is followed
    /// <see cref="Audience.Unmerged"/>, which is decided once, when the user follows, and holds whether or not the author ever is a celebrity.
    /// </summary>
    const int MaxMerged = 99;

    /// <summary>So many authors a user can mute: they are read whenever a stream of the user opens.</summary>
    const int MaxMuted = 1_000;

    /// <summary>Adds a follower; nothing changes when it was one already.</summary>
    /// <param name="author">The author.</param>
    /// <param name="follower">The follower.</param>
    /// <param name="since">Where a celebrity's posts begin for the follower; null: where they begin for all.</param>
    Task FollowAsync(string author, string follower, string? since);

    /// <summary>Removes a follower; nothing changes when it was none.</summary>
    Task UnfollowAsync(string author, string follower);

    /// <summary>How many follow an author.</summary>
    Task<long> CountFollowersAsync(string author, Audience audience = Audience.All);

    /// <summary>
    /// Reads followers in the order of their names. Who follows throughout the reading of all pages is seen exactly once, whoever comes and goes.
    /// </summary>
    /// <param name="author">The author.</param>
    /// <param name="after">The last name of the page before; null for the first page.</param>
    /// <param name="count">The most names, 1 to 10,000.</param>
    /// <param name="audience">Which of the followers.</param>
    Task<IReadOnlyList<string>> ReadFollowersAsync(string author, string? after, int count, Audience audience = Audience.All);

    /// <summary>Those of some users who follow an author.</summary>
    Task<IReadOnlyList<string>> SelectFollowersAsync(IReadOnlyList<string> users, string author);

    /// <summary>The at most <see cref="MaxMerged"/> authors whose posts a user's stream may merge, with what <see cref="FollowAsync"/> was given.</summary>
    Task<IReadOnlyDictionary<string, string?>> ReadFollowedAsync(string user);

    /// <summary>Makes an author a celebrity; nothing changes when it is one.</summary>
    /// <param name="author">The author.</param>
    /// <param name="since">Where the posts on its own topic begin.</param>
    Task AddCelebrityAsync(string author, string since);

    /// <summary>All celebrities.</summary>
    Task<IReadOnlyDictionary<string, string>> ReadCelebritiesAsync();

    /// <summary>Says of each event for a user whether the user wants it. What a user wants is read once, however many of the events are the user's.</summary>
    Task<bool[]> AreWantedAsync(IReadOnlyList<UserEvent> events);

    /// <summary>Those of some users who want events of a type by an author, in their order.</summary>
    async Task<IReadOnlyList<string>> SelectWantingAsync(IReadOnlyList<string> users, string? author, string type)
    {
        var wanted = await AreWantedAsync([.. users.Select(user => new UserEvent(user, author, type))]);
        return Array.TrueForAll(wanted, one => one) ? users : [.. users.Where((_, i) => wanted[i])];
    }

    /// <summary>Sets the types that a user wants; null: all.</summary>
    Task SetInterestsAsync(string user, IReadOnlySet<string>? types);

    /// <summary>Mutes an author for a user, or ends that; false when the user has muted <see cref="MaxMuted"/> already.</summary>
    Task<bool> SetMutedAsync(string user, string author, bool muted);

    /// <summary>What a user wants.</summary>
    Task<UserSettings> ReadSettingsAsync(string user);
}

/// <summary>An event for a user, as far as it matters whether the user wants it.</summary>
/// <param name="User">The user.</param>
/// <param name="Author">The author; null: the event names none.</param>
/// <param name="Type">The type; empty: the event names none, so that only users want it who never restricted the types.</param>
internal readonly record struct UserEvent(string User, string? Author, string Type);

/// <summary>Some or all of an author's followers.</summary>
internal enum Audience
{
    /// <summary>All.</summary>
    All,

    /// <summary>Those who get even a celebrity's posts on their own topics, since their streams merge as many authors as they can.</summary>
    Unmerged,
}

/// <summary>What one user wants.</summary>
/// <param name="Interests">The types of events; null: all.</param>
/// <param name="Muted">The authors of whom nothing is wanted.</param>
internal sealed record UserSettings(IReadOnlySet<string>? Interests, IReadOnlySet<string> Muted)
{
    /// <summary>Of a user who never set anything.</summary>
    public static readonly UserSettings None = new(null, new HashSet<string>());
}
