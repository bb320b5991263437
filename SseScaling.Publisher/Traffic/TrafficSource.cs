using SseScaling.Publisher.Social;

namespace SseScaling.Publisher.Traffic;

/// <summary>
/// Turns passing time into events: each call adds what became due since the last one. It does no I/O and starts no timers; the
/// caller decides when to call. For one thread at a time.
/// </summary>
/// <remarks>
/// The rate is split into two credits, one for posts and one for likes and follows, which grow with time and are spent by whole
/// events. After a pause of any length at most <see cref="MaxCatchUp"/> is made up for, so a stalled publisher does not come back
/// with a flood.
/// </remarks>
public sealed class TrafficSource
{
    /// <summary>The longest time whose events are made up for: 1 s.</summary>
    public static readonly TimeSpan MaxCatchUp = TimeSpan.FromSeconds(1);

    private const int Celebrities = 3;
    private const double StormSeconds = 10;

    /// <summary>Of the events that are no posts, this part are follows, the others likes.</summary>
    private const double FollowShare = 0.2;

    private readonly FollowerGraph _graph;
    private readonly TrafficControl _control;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly int[] _posts;
    private TrafficPlan _plan;
    private long _lastTick;
    private double _postCredit;
    private double _otherCredit;
    private double _skipped;
    private int _author;
    private int _nextFollower;
    private int _celebrityPosts;

    /// <summary>Creates a source; time counts from here.</summary>
    public TrafficSource(FollowerGraph graph, TrafficControl control, TimeProvider time, long seed)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(time);
        _graph = graph;
        _control = control;
        _time = time;
        // Another sequence than the graph's own.
        _random = new RandomSource(~seed);
        _posts = new int[graph.Users + 1];
        _plan = control.Plan;
        _lastTick = time.GetTimestamp();
    }

    /// <summary>How many events were left out so far because the caller came too late for them.</summary>
    public long Skipped => (long)_skipped;

    /// <summary>Adds events that became due since the last call, as many as the batch takes.</summary>
    /// <returns>Whether more are due already: publish these, then call again without waiting.</returns>
    public bool AddDue(EventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_control.Plan != _plan)
            Adopt(_control.Plan);
        Earn();
        var now = _time.GetUtcNow();
        var roomForPosts = (int)Math.Ceiling(EventBatch.Capacity * _plan.Scenario.PostShare);
        while (batch.Events.Count < roomForPosts && PostIsDue())
            AddPost(batch, now);
        for (; batch.Events.Count < EventBatch.Capacity && _otherCredit >= 1; _otherCredit--)
            AddOther(batch, now);
        return _otherCredit >= 1 || PostIsDue();
    }

    /// <summary>Lets time count from here, as after the creation.</summary>
    public void Restart() => _lastTick = _time.GetTimestamp();

    /// <summary>Forgets the time since the last call: what became due in it is left out.</summary>
    public void Skip() => _skipped += ElapsedSinceLastTick() * _control.TargetRate;

    private void Adopt(TrafficPlan plan)
    {
        // A credit saved for a celebrity's next post is no debt of the next scenario.
        if (plan.Scenario != _plan.Scenario)
            (_postCredit, _otherCredit, _author) = (0, 0, 0);
        _plan = plan;
    }

    private void Earn()
    {
        var rate = _control.RateOf(_plan);
        var due = ElapsedSinceLastTick() * rate;
        var most = Math.Max(rate, _plan.Rate) * MaxCatchUp.TotalSeconds;
        var share = _plan.Scenario.PostShare;
        // A celebrity's followers are paid for together, however long that takes to save up.
        var mostForPosts = Math.Max(most * share, _plan.Scenario.CelebritiesOnly ? _graph.FollowersOf(NextCelebrity()).Length : 0);
        _postCredit = Limit(_postCredit + due * share, mostForPosts);
        _otherCredit = Limit(_otherCredit + due * (1 - share), most * (1 - share));
    }

    private double Limit(double credit, double most)
    {
        // Below one event per second a whole event must still be saved up.
        most = Math.Max(1, most);
        if (credit <= most)
            return credit;
        _skipped += credit - most;
        return most;
    }

    private double ElapsedSinceLastTick()
    {
        var before = _lastTick;
        _lastTick = _time.GetTimestamp();
        return _time.GetElapsedTime(before, _lastTick).TotalSeconds;
    }

    /// <summary>Whether the next follower of the present post is to get it now. Begins a new post where the last one is through.</summary>
    private bool PostIsDue()
    {
        var inProgress = _author != 0 && _nextFollower < _graph.FollowersOf(_author).Length;
        if (_plan.Scenario.CelebritiesOnly)
            return inProgress || BeginCelebrityPost();
        if (_postCredit < 1)
            return false;
        if (!inProgress)
            BeginPost(AuthorWithFollowers());
        return true;
    }

    private bool BeginCelebrityPost()
    {
        var author = NextCelebrity();
        var followers = _graph.FollowersOf(author).Length;
        if (_postCredit < followers)
            return false;
        _postCredit -= followers;
        _celebrityPosts++;
        BeginPost(author);
        return true;
    }

    /// <summary>Whose post comes next; in a tiny graph not everybody has followers, but the first always has.</summary>
    private int NextCelebrity()
    {
        var author = _graph.AuthorByPopularity(_celebrityPosts % Math.Min(Celebrities, _graph.Users));
        return _graph.FollowersOf(author).IsEmpty ? _graph.AuthorByPopularity(0) : author;
    }

    private void AddPost(EventBatch batch, DateTimeOffset now)
    {
        batch.Add(_graph.FollowersOf(_author)[_nextFollower++], EventKind.NewPost, _author, _author, _posts[_author], now);
        if (!_plan.Scenario.CelebritiesOnly)
            _postCredit--;
    }

    private void BeginPost(int author)
    {
        _author = author;
        _nextFollower = 0;
        _posts[author]++;
    }

    private int AuthorWithFollowers()
    {
        var author = 1 + _random.Below(_graph.Users);
        while (_graph.FollowersOf(author).IsEmpty)
            author = author % _graph.Users + 1;
        return author;
    }

    private void AddOther(EventBatch batch, DateTimeOffset now)
    {
        var storm = _plan.Scenario.StormShare > 0 && _random.Fraction() < _plan.Scenario.StormShare;
        var recipient = storm ? UserOfTheMoment() : 1 + _random.Below(_graph.Users);
        var actor = 1 + (recipient + _random.Below(_graph.Users - 1)) % _graph.Users;
        var kind = storm || _random.Fraction() >= FollowShare ? EventKind.Like : EventKind.Follow;
        batch.Add(recipient, kind, actor, recipient, Math.Max(1, _posts[recipient]), now);
    }

    private int UserOfTheMoment()
    {
        var storm = (int)(_time.GetElapsedTime(_plan.StartedAt).TotalSeconds / StormSeconds);
        return _graph.AuthorByPopularity(storm % _graph.Users);
    }
}
