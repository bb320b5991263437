namespace SseScaling.Publisher.Social;

/// <summary>
/// Who follows whom: users 1 to N, of whom a few have very many followers and most have few, as in real networks. The same
/// arguments give the same graph. Immutable, so any thread may read it.
/// </summary>
/// <remarks>
/// Each user follows k others on average, k/2 to 3k/2, so that all have about as much to read; whom, is drawn with a probability proportional to
/// <c>rank^-Skew</c>. All edges lie in one array, grouped by author: 4 bytes for each edge and 8 for each user.
/// </remarks>
public sealed class FollowerGraph
{
    /// <summary>
    /// Exponent of the popularity. With 0.7 and 20 follows on average, the most popular of 1,000 users has 896 followers (seed 42), the
    /// median user 11.
    /// </summary>
    public const double Skew = 0.7;

    private readonly int[] _firstEdge;
    private readonly int[] _followers;
    private readonly int[] _byPopularity;

    private FollowerGraph(int[] firstEdge, int[] followers, int[] byPopularity)
    {
        _firstEdge = firstEdge;
        _followers = followers;
        _byPopularity = byPopularity;
    }

    /// <summary>Number of users; their ids are 1 to this.</summary>
    public int Users => _byPopularity.Length;

    /// <summary>Number of follower relations.</summary>
    public int Edges => _followers.Length;

    /// <summary>Makes the graph.</summary>
    /// <param name="users">At least 2.</param>
    /// <param name="followsPerUser">How many others a user follows on average; at least 1, and at most N - 1 are followed.</param>
    /// <param name="seed">Equal seeds give equal graphs.</param>
    public static FollowerGraph Create(int users, int followsPerUser, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(users, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(followsPerUser, 1);
        var random = new RandomSource(seed);
        var ranking = Shuffle(users, random);
        var follows = new List<(int Author, int Follower)>(users * followsPerUser);
        var chosenBy = new int[users + 1];
        for (var follower = 1; follower <= users; follower++)
        {
            var wanted = Math.Min(users - 1, (followsPerUser + 1) / 2 + random.Below(followsPerUser));
            // Popular authors come up again and again; a bounded number of draws keeps dense graphs quick.
            for (var draws = 0; wanted > 0 && draws < 8 * followsPerUser; draws++)
                wanted -= TryFollow(follower, ranking[Rank(random, users)], chosenBy, follows);
            // The first follow must not be left to luck: nobody is without events.
            if (follows.Count == 0 || follows[^1].Follower != follower)
                follows.Add((ranking[0] != follower ? ranking[0] : ranking[1], follower));
        }

        return FromPairs(users, follows);
    }

    /// <summary>The users who follow an author, in ascending order.</summary>
    /// <param name="author">A user, 1 to <see cref="Users"/>.</param>
    public ReadOnlySpan<int> FollowersOf(int author) =>
        _followers.AsSpan(_firstEdge[author - 1], _firstEdge[author] - _firstEdge[author - 1]);

    /// <summary>The author with the most followers (0), the second most (1), and so on.</summary>
    public int AuthorByPopularity(int rank) => _byPopularity[rank];

    private static int TryFollow(int follower, int author, int[] chosenBy, List<(int Author, int Follower)> follows)
    {
        if (author == follower || chosenBy[author] == follower)
            return 0;
        chosenBy[author] = follower;
        follows.Add((author, follower));
        return 1;
    }

    /// <summary>Inverts the cumulative distribution of <c>rank^-Skew</c>, taken as continuous.</summary>
    private static int Rank(RandomSource random, int users) =>
        Math.Min(users - 1, (int)(users * Math.Pow(random.Fraction(), 1 / (1 - Skew))));

    private static int[] Shuffle(int users, RandomSource random)
    {
        var order = Enumerable.Range(1, users).ToArray();
        for (var last = users - 1; last > 0; last--)
        {
            var other = random.Below(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    private static FollowerGraph FromPairs(int users, List<(int Author, int Follower)> follows)
    {
        var firstEdge = new int[users + 1];
        foreach (var (author, _) in follows)
            firstEdge[author]++;
        for (var author = 1; author <= users; author++)
            firstEdge[author] += firstEdge[author - 1];
        var next = firstEdge.AsSpan(0, users).ToArray();
        var followers = new int[follows.Count];
        foreach (var (author, follower) in follows)
            followers[next[author - 1]++] = follower;
        var byPopularity = Enumerable.Range(1, users).OrderByDescending(author => firstEdge[author] - firstEdge[author - 1]).ToArray();
        return new FollowerGraph(firstEdge, followers, byPopularity);
    }
}
