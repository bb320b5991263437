using System.Text.Json;
using SseScaling.Redis;
using StackExchange.Redis;

namespace SseScaling.Api.Social;

/// <summary>The store of all replicas. Names and values stand in <see cref="SocialKeys"/>; no command touches more than one page.</summary>
internal sealed class RedisSocialStore(RedisLink link) : ISocialStore
{
    private const string IsUnmerged = "+";

    /*  KEYS  whom the follower follows
        ARGV  author since most
        reply = what stands there now: as the author was followed the first time */
    private const string Follow = $"""
        local known = redis.call('HGET', KEYS[1], ARGV[1])
        if not known then
            known = redis.call('HLEN', KEYS[1]) < tonumber(ARGV[3]) and ARGV[2] or '{IsUnmerged}'
            redis.call('HSET', KEYS[1], ARGV[1], known)
        end
        return known
        """;

    /*  KEYS  whom the user mutes
        ARGV  author most
        reply = 1, or 0 when there are as many already */
    private const string Mute = """
        if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) and redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 then
            return 0
        end
        redis.call('SADD', KEYS[1], ARGV[1])
        return 1
        """;

    // Members of one score are kept in the order of their bytes: a page begins behind a name, whatever was added or removed before it.
    public Task FollowAsync(string author, string follower, string? since) => link.AskAsync(async database =>
    {
        RedisValue[] values = [author, since?.ToString() ?? "", ISocialStore.MaxMerged];
        var known = (string?)await database.ScriptEvaluateAsync(Follow, [SocialKeys.Followed(follower)], values);
        if (known == IsUnmerged)
            await database.SortedSetAddAsync(SocialKeys.Unmerged(author), follower, 0);
        return await database.SortedSetAddAsync(SocialKeys.Followers(author), follower, 0);
    });

    public Task UnfollowAsync(string author, string follower) => link.AskAsync(database => Task.WhenAll(
        database.SortedSetRemoveAsync(SocialKeys.Followers(author), follower),
        database.SortedSetRemoveAsync(SocialKeys.Unmerged(author), follower),
        database.HashDeleteAsync(SocialKeys.Followed(follower), author)));

    public async Task<IReadOnlyList<string>> SelectFollowersAsync(IReadOnlyList<string> users, string author)
    {
        var scores = await link.AskAsync(database => database.SortedSetScoresAsync(SocialKeys.Followers(author), [.. users.Select(user => (RedisValue)user)]));
        return [.. users.Where((_, i) => scores[i] is not null)];
    }

    public async Task<IReadOnlyDictionary<string, string?>> ReadFollowedAsync(string user) =>
        (await link.AskAsync(database => database.HashGetAllAsync(SocialKeys.Followed(user))))
        .Where(entry => entry.Value != IsUnmerged)
        .ToDictionary(entry => entry.Name.ToString(), entry => ReadStart(entry.Value));

    public Task AddCelebrityAsync(string author, string since) =>
        link.AskAsync(database => database.HashSetAsync(SocialKeys.Celebrities, author, since.ToString(), When.NotExists));

    public async Task<IReadOnlyDictionary<string, string>> ReadCelebritiesAsync() =>
        (await link.AskAsync(database => database.HashGetAllAsync(SocialKeys.Celebrities)))
        .ToDictionary(entry => entry.Name.ToString(), entry => ReadStart(entry.Value) ?? "");

    public Task<long> CountFollowersAsync(string author, Audience audience) => link.AskAsync(database => database.SortedSetLengthAsync(Followers(author, audience)));

    public async Task<IReadOnlyList<string>> ReadFollowersAsync(string author, string? after, int count, Audience audience)
    {
        var page = await link.AskAsync(database => database.SortedSetRangeByValueAsync(
            Followers(author, audience), min: after, exclude: Exclude.Start, order: Order.Ascending, take: count));
        return Array.ConvertAll(page, follower => follower.ToString());
    }

    public async Task<bool[]> AreWantedAsync(IReadOnlyList<UserEvent> events)
    {
        var buckets = events.Select(one => one.User).Distinct().GroupBy(SocialKeys.InterestsBucket).Select(bucket => bucket.ToArray()).ToArray();
        var authors = events.Where(one => one.Author is not null).GroupBy(one => one.Author!, one => one.User)
            .Select(author => (Name: author.Key, Users: author.Distinct().ToArray())).ToArray();
        var (interests, muting) = await link.AskAsync(async database =>
        {
            var muted = Task.WhenAll(authors.Select(author => database.SetContainsAsync(SocialKeys.MutedBy(author.Name), Values(author.Users))));
            var found = await Task.WhenAll(buckets.Select(bucket => database.HashGetAsync(SocialKeys.Interests(SocialKeys.InterestsBucket(bucket[0])), Values(bucket))));
            return (found, await muted);
        });
        var types = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var (user, value) in buckets.SelectMany((bucket, b) => bucket.Select((user, i) => (user, interests[b][i]))))
        {
            if (ReadTypes(value) is { } named)
                types[user] = named;
        }

        var mutes = authors.SelectMany((author, a) => author.Users.Where((_, i) => muting[a][i]).Select(user => (author.Name, user))).ToHashSet();
        return [.. events.Select(one => (!types.TryGetValue(one.User, out var wanted) || wanted.Contains(one.Type)) && (one.Author is null || !mutes.Contains((one.Author, one.User))))];
    }

    public Task SetInterestsAsync(string user, IReadOnlySet<string>? types)
    {
        var key = SocialKeys.Interests(SocialKeys.InterestsBucket(user));
        return link.AskAsync(database => types is null
            ? database.HashDeleteAsync(key, user)
            : database.HashSetAsync(key, user, JsonSerializer.SerializeToUtf8Bytes(types)));
    }

    // Two sets, for the two who ask: a post asks who mutes its author, a stream asks whom its user mutes.
    public Task<bool> SetMutedAsync(string user, string author, bool muted) => link.AskAsync(async database =>
    {
        if (!muted)
        {
            await Task.WhenAll(database.SetRemoveAsync(SocialKeys.MutedBy(author), user), database.SetRemoveAsync(SocialKeys.Muted(user), author));
            return true;
        }

        if (!(bool)await database.ScriptEvaluateAsync(Mute, [SocialKeys.Muted(user)], [author, ISocialStore.MaxMuted]))
            return false;
        await database.SetAddAsync(SocialKeys.MutedBy(author), user);
        return true;
    });

    public Task<UserSettings> ReadSettingsAsync(string user) => link.AskAsync(async database =>
    {
        var muted = database.SetMembersAsync(SocialKeys.Muted(user));
        var interests = await database.HashGetAsync(SocialKeys.Interests(SocialKeys.InterestsBucket(user)), user);
        return new UserSettings(ReadTypes(interests), (await muted).Select(author => author.ToString()).ToHashSet());
    });

    private static RedisValue[] Values(string[] names) => Array.ConvertAll(names, name => (RedisValue)name);

    private static RedisKey Followers(string author, Audience audience) =>
        audience == Audience.All ? SocialKeys.Followers(author) : SocialKeys.Unmerged(author);

    private static string? ReadStart(RedisValue text) => text.ToString() is { Length: > 1 } start ? start : null;

    private static HashSet<string>? ReadTypes(RedisValue value) =>
        value.IsNull ? null : JsonSerializer.Deserialize<HashSet<string>>(((ReadOnlyMemory<byte>)value).Span);
}
