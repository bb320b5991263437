using SseScaling.Publisher.Social;
using Xunit;

namespace SseScaling.Tests.Publisher;

public class FollowerGraphTests
{
    private const int Users = 1_000;
    private const int Follows = 20;

    [Fact]
    public void The_same_seed_gives_the_same_graph_and_another_seed_another()
    {
        var first = Describe(FollowerGraph.Create(Users, Follows, seed: 7));

        Assert.Equal(first, Describe(FollowerGraph.Create(Users, Follows, seed: 7)));
        Assert.NotEqual(first, Describe(FollowerGraph.Create(Users, Follows, seed: 8)));
    }

    [Fact]
    public void The_graph_of_a_seed_does_not_change_with_the_runtime()
    {
        // Written down once: whoever compares two measurements relies on the same followers.
        var graph = FollowerGraph.Create(10, 2, seed: 42);

        Assert.Equal("1:7 2: 3: 4:1,5,10 5:6,7,8,9 6: 7:2,4,8 8: 9:1,2,3,5,6 10:", Describe(graph));
    }

    [Fact]
    public void A_few_users_have_very_many_followers_and_most_have_few()
    {
        var graph = FollowerGraph.Create(Users, Follows, seed: 42);
        var counts = Enumerable.Range(0, Users).Select(rank => graph.FollowersOf(graph.AuthorByPopularity(rank)).Length).ToArray();

        Assert.Equal(counts.OrderDescending(), counts);
        Assert.InRange(counts[0], 300, Users - 1);
        Assert.InRange(counts[Users / 2], 5, Follows);
        // One tenth of the authors has about half of all followers (10% ^ (1 - 0.7) = 0.5).
        Assert.InRange(counts.Take(Users / 10).Sum() / (double)graph.Edges, 0.4, 0.6);
    }

    [Fact]
    public void Every_user_follows_somebody_and_about_twenty_on_average()
    {
        var graph = FollowerGraph.Create(Users, Follows, seed: 42);
        var follows = new int[Users + 1];
        for (var author = 1; author <= Users; author++)
        {
            foreach (var follower in graph.FollowersOf(author))
                follows[follower]++;
        }

        Assert.All(follows.Skip(1), count => Assert.InRange(count, Follows / 2, 3 * Follows / 2));
        Assert.InRange(graph.Edges / (double)Users, Follows - 2, Follows + 2);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1_000)]
    [InlineData(50, 100)]
    public void Nobody_follows_himself_or_somebody_twice(int users, int followsPerUser)
    {
        var graph = FollowerGraph.Create(users, followsPerUser, seed: 1);

        for (var author = 1; author <= users; author++)
        {
            var followers = graph.FollowersOf(author).ToArray();
            Assert.Equal(followers.Distinct().Order(), followers);
            Assert.DoesNotContain(author, followers);
            Assert.All(followers, follower => Assert.InRange(follower, 1, users));
        }
    }

    private static string Describe(FollowerGraph graph) =>
        string.Join(' ', Enumerable.Range(1, graph.Users).Select(author => $"{author}:{string.Join(',', graph.FollowersOf(author).ToArray())}"));
}
