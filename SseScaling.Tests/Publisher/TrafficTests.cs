using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SseScaling.Publisher;
using SseScaling.Publisher.Social;
using SseScaling.Publisher.Traffic;
using Xunit;

namespace SseScaling.Tests.Publisher;

public sealed class TrafficTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly FakeTimeProvider _time = new();
    private readonly PublisherOptions _options = new() { Users = 200 };
    private readonly FollowerGraph _graph;
    private readonly EventBatch _batch;
    private TrafficControl _control;
    private TrafficSource _source;

    public TrafficTests()
    {
        _graph = FollowerGraph.Create(_options.Users, _options.FollowsPerUser, _options.Seed);
        _batch = new EventBatch(_options, "run1");
        (_control, _source) = Start(_options);
    }

    public void Dispose() => _batch.Dispose();

    [Theory]
    [InlineData("steady")]
    [InlineData("burst")]
    [InlineData("like-storm")]
    public void A_scenario_publishes_its_rate_on_average(string scenario)
    {
        (_control, _source) = Start(new PublisherOptions { Users = 200, Scenario = scenario, Rate = 700 });

        Assert.InRange(Run(TimeSpan.FromSeconds(60)).Count, 60 * 700 - 10, 60 * 700 + 10);
    }

    [Fact]
    public void By_default_each_user_gets_an_event_about_every_two_seconds()
    {
        var perUser = Run(TimeSpan.FromSeconds(200)).GroupBy(seen => seen.Topic).ToDictionary(topic => topic.Key, topic => topic.Count());

        Assert.Equal(_options.Users, perUser.Count);
        Assert.InRange(perUser.Values.Sum(), 19_990, 20_010);
        Assert.InRange(perUser.Values.Min(), 55, 100);
        Assert.InRange(perUser.Values.Max(), 100, 170);
    }

    [Fact]
    public void A_burst_comes_in_the_last_second_of_every_ten()
    {
        Change("burst", 1_000);

        var quiet = Run(TimeSpan.FromSeconds(9)).Count;
        var burst = Run(TimeSpan.FromSeconds(1)).Count;

        Assert.InRange(quiet, 4_400, 4_650);
        Assert.InRange(burst, 5_350, 5_600);
    }

    [Fact]
    public void A_ramp_begins_at_a_tenth_and_ends_at_the_full_rate_after_a_minute()
    {
        Change("ramp", 1_000);

        Assert.InRange(Run(TimeSpan.FromSeconds(1)).Count, 90, 120);
        Run(TimeSpan.FromSeconds(60));
        Assert.InRange(Run(TimeSpan.FromSeconds(1)).Count, 998, 1_002);
    }

    [Fact]
    public void A_celebrity_reaches_all_followers_in_the_same_instant()
    {
        Change("celebrity", 100);

        var posts = Run(TimeSpan.FromSeconds(30)).Where(seen => seen.Type == "new-post").GroupBy(seen => seen.PostId).ToList();

        Assert.InRange(posts.Count, 5, 100);
        Assert.All(posts, post =>
        {
            var author = int.Parse(post.First().Author!, System.Globalization.CultureInfo.InvariantCulture);
            Assert.Contains(author, Enumerable.Range(0, 3).Select(_graph.AuthorByPopularity));
            Assert.Single(post.Select(seen => seen.At).Distinct());
            Assert.Equal(
                _graph.FollowersOf(author).ToArray().Select(user => $"notifications:{user}"),
                post.Select(seen => seen.Topic));
        });
    }

    [Fact]
    public void A_like_storm_hits_one_user_and_then_another()
    {
        Change("like-storm", 1_000);

        var first = Run(TimeSpan.FromSeconds(9)).CountBy(seen => seen.Topic).MaxBy(topic => topic.Value);
        Run(TimeSpan.FromSeconds(2));
        var second = Run(TimeSpan.FromSeconds(8)).CountBy(seen => seen.Topic).MaxBy(topic => topic.Value);

        Assert.InRange(first.Value, 7_900, 8_300);
        Assert.InRange(second.Value, 7_000, 7_500);
        Assert.NotEqual(first.Key, second.Key);
    }

    [Fact]
    public void Sequences_count_each_topic_from_one_without_holes()
    {
        var events = Run(TimeSpan.FromSeconds(20));

        Assert.All(events.GroupBy(seen => seen.Topic), topic =>
            Assert.Equal(Enumerable.Range(1, topic.Count()), topic.Select(seen => seen.Seq)));
        Assert.Equal(events.Count, events.Select(seen => (seen.Topic, seen.Key)).Distinct().Count());
    }

    [Fact]
    public void The_data_says_what_happened()
    {
        var events = Run(TimeSpan.FromSeconds(20));

        Assert.Equal(["follow", "like", "new-post"], events.Select(seen => seen.Type).Distinct().Order());
        Assert.All(events, seen =>
        {
            Assert.NotEqual(seen.Topic, $"notifications:{seen.Author ?? seen.User}");
            Assert.Equal(seen.Type == "new-post", seen.Author is not null);
            Assert.Equal(seen.Type == "follow", seen.PostId is null);
            Assert.EndsWith("Z", seen.At, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_same_seed_gives_the_same_traffic()
    {
        var first = Run(TimeSpan.FromSeconds(5)).Select(seen => (seen.Topic, seen.Type, seen.PostId)).ToList();
        (_control, _source) = Start(_options);

        Assert.Equal(first, Run(TimeSpan.FromSeconds(5)).Select(seen => (seen.Topic, seen.Type, seen.PostId)));
    }

    [Fact]
    public void After_a_long_pause_one_second_is_made_up_for_and_the_rest_is_counted_as_left_out()
    {
        Change("steady", 1_000);
        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.InRange(TakeDue().Count, 998, 1_000);
        Assert.InRange(_source.Skipped, 298_990, 299_010);
    }

    [Fact]
    public void A_skipped_pause_is_not_made_up_for()
    {
        Change("steady", 1_000);
        _time.Advance(TimeSpan.FromSeconds(30));
        _source.Skip();

        Assert.Empty(TakeDue());
        Assert.InRange(_source.Skipped, 29_999, 30_001);
    }

    [Fact]
    public void A_batch_stays_within_its_capacity_and_the_rest_follows_at_once()
    {
        Change("celebrity", PublisherOptions.MaxRate);
        _time.Advance(TimeSpan.FromSeconds(1));
        var batches = new List<int>();
        bool moreDue;
        do
        {
            _batch.Clear();
            moreDue = _source.AddDue(_batch);
            batches.Add(_batch.Events.Count);
        }
        while (moreDue);

        Assert.All(batches, count => Assert.InRange(count, 1, EventBatch.Capacity));
        Assert.InRange(batches.Sum(), 99_000, 100_000);
    }

    [Fact]
    public void A_rate_of_zero_pauses_and_a_rate_below_one_still_publishes()
    {
        Change("steady", 0);
        Assert.Empty(Run(TimeSpan.FromSeconds(10)));

        Change("steady", 0.2);
        Assert.InRange(Run(TimeSpan.FromSeconds(100)).Count, 17, 21);
    }

    private (TrafficControl Control, TrafficSource Source) Start(PublisherOptions options)
    {
        var control = new TrafficControl(options, _time);
        return (control, new TrafficSource(_graph, control, _time, options.Seed));
    }

    private void Change(string scenario, double rate) => _control.Change(Scenario.Find(scenario), rate);

    private List<Seen> Run(TimeSpan duration)
    {
        var events = new List<Seen>();
        for (var elapsed = TimeSpan.Zero; elapsed < duration; elapsed += Tick)
        {
            _time.Advance(Tick);
            events.AddRange(TakeDue());
        }

        return events;
    }

    private List<Seen> TakeDue()
    {
        var events = new List<Seen>();
        bool moreDue;
        do
        {
            _batch.Clear();
            moreDue = _source.AddDue(_batch);
            events.AddRange(_batch.Events.Select(Seen.From));
        }
        while (moreDue);
        return events;
    }

    private sealed record Seen(string Topic, string? Key, string Type, string? User, string? Author, string? PostId, int Seq, string At)
    {
        public static Seen From(SseEvent draft)
        {
            using var json = JsonDocument.Parse(draft.Data);
            var data = json.RootElement;
            return new Seen(
                draft.Topic, draft.Key, Text("type")!, Text("userId"), Text("authorId"), Text("postId"), data.GetProperty("seq").GetInt32(), Text("at")!);

            string? Text(string name) => data.TryGetProperty(name, out var value) ? value.GetString() : null;
        }
    }
}
