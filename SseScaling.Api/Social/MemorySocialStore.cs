namespace SseScaling.Api.Social;

/// <summary>The store of one process without Redis. Guarded by one lock: no call does more than one page of work under it.</summary>
internal sealed class MemorySocialStore : ISocialStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SortedSet<string>> _followers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> _unmerged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlySet<string>> _interests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _muted = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Dictionary<string, string?>> _followed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _celebrities = new(StringComparer.Ordinal);

    public Task FollowAsync(string author, string follower, string? since)
    {
        lock (_gate)
        {
            Add(_followers, author, follower);
            if (!_followed.TryGetValue(follower, out var followed))
                _followed[follower] = followed = new Dictionary<string, string?>(StringComparer.Ordinal);
            if (followed.TryAdd(author, since) && followed.Count > ISocialStore.MaxMerged)
                Add(_unmerged, author, follower);
        }

        return Task.CompletedTask;
    }

    public Task UnfollowAsync(string author, string follower)
    {
        lock (_gate)
        {
            Remove(_followers, author, followers => followers.Remove(follower));
            Remove(_unmerged, author, followers => followers.Remove(follower));
            if (_followed.TryGetValue(follower, out var followed) && followed.Remove(author) && followed.Count == 0)
                _followed.Remove(follower);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> SelectFollowersAsync(IReadOnlyList<string> users, string author)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<string>>(_followers.TryGetValue(author, out var followers) ? [.. users.Where(followers.Contains)] : []);
    }

    public Task<IReadOnlyDictionary<string, string?>> ReadFollowedAsync(string user)
    {
        lock (_gate)
        {
            var merged = (_followed.GetValueOrDefault(user) ?? []).Where(entry => _unmerged.GetValueOrDefault(entry.Key)?.Contains(user) != true);
            return Task.FromResult<IReadOnlyDictionary<string, string?>>(new Dictionary<string, string?>(merged));
        }
    }

    public Task AddCelebrityAsync(string author, string since)
    {
        lock (_gate)
            _celebrities.TryAdd(author, since);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<string, string>> ReadCelebritiesAsync()
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>(_celebrities));
    }

    public Task<long> CountFollowersAsync(string author, Audience audience)
    {
        lock (_gate)
            return Task.FromResult(FollowersOf(audience).TryGetValue(author, out var followers) ? (long)followers.Count : 0);
    }

    public Task<IReadOnlyList<string>> ReadFollowersAsync(string author, string? after, int count, Audience audience)
    {
        lock (_gate)
        {
            if (!FollowersOf(audience).TryGetValue(author, out var followers) || (after is not null && string.CompareOrdinal(after, followers.Max) >= 0))
                return Task.FromResult<IReadOnlyList<string>>([]);
            var behind = after is null ? followers : followers.GetViewBetween(after, followers.Max).SkipWhile(name => name == after);
            return Task.FromResult<IReadOnlyList<string>>([.. behind.Take(count)]);
        }
    }

    public Task<bool[]> AreWantedAsync(IReadOnlyList<UserEvent> events)
    {
        lock (_gate)
            return Task.FromResult<bool[]>([.. events.Select(one => Wants(one.User, one.Author, one.Type))]);
    }

    public Task SetInterestsAsync(string user, IReadOnlySet<string>? types)
    {
        lock (_gate)
        {
            if (types is null)
                _interests.Remove(user);
            else
                _interests[user] = types;
        }

        return Task.CompletedTask;
    }

    public Task<bool> SetMutedAsync(string user, string author, bool muted)
    {
        lock (_gate)
        {
            if (!muted)
                Remove(_muted, user, authors => authors.Remove(author));
            else if (!_muted.TryGetValue(user, out var authors))
                _muted[user] = [author];
            else if (authors.Count >= ISocialStore.MaxMuted && !authors.Contains(author))
                return Task.FromResult(false);
            else
                authors.Add(author);
        }

        return Task.FromResult(true);
    }

    public Task<UserSettings> ReadSettingsAsync(string user)
    {
        lock (_gate)
            return Task.FromResult(new UserSettings(_interests.GetValueOrDefault(user), _muted.TryGetValue(user, out var authors) ? authors.ToHashSet() : UserSettings.None.Muted));
    }

    private Dictionary<string, SortedSet<string>> FollowersOf(Audience audience) => audience == Audience.All ? _followers : _unmerged;

    private bool Wants(string user, string? author, string type) =>
        (!_interests.TryGetValue(user, out var types) || types.Contains(type))
        && !(author is not null && _muted.TryGetValue(user, out var authors) && authors.Contains(author));

    private static void Add(Dictionary<string, SortedSet<string>> sets, string key, string value)
    {
        if (!sets.TryGetValue(key, out var set))
            sets[key] = set = new SortedSet<string>(StringComparer.Ordinal);
        set.Add(value);
    }

    private static bool Remove<T>(Dictionary<string, T> sets, string key, Func<T, bool> remove)
        where T : ICollection<string>
    {
        if (!sets.TryGetValue(key, out var set) || !remove(set))
            return false;
        if (set.Count == 0)
            sets.Remove(key);
        return true;
    }
}
