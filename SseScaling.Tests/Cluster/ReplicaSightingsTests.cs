using Microsoft.Extensions.Time.Testing;
using SseScaling.Cluster;
using Xunit;

namespace SseScaling.Tests.Cluster;

public sealed class ReplicaSightingsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ReplicaSightings _sightings;

    public ReplicaSightingsTests() => _sightings = new ReplicaSightings(_time);

    [Theory]
    [InlineData(-3_600_000)]
    [InlineData(0)]
    [InlineData(3_600_000)]
    public void A_replica_whose_clock_is_off_is_alive_while_it_writes_and_gone_when_it_does_not(long offMs)
    {
        for (var i = 0; i < 30; i++)
        {
            Assert.Single(Sort(offMs + (i * 2_000)).Live);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        _time.Advance(TimeSpan.FromSeconds(4.5));
        Assert.Empty(Sort(offMs + 58_000).Live);
        Assert.Empty(Sort(offMs + 58_000).Gone);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["a"], Sort(offMs + 58_000).Gone);
    }

    [Fact]
    public void A_clock_that_is_set_back_is_news_as_any_other()
    {
        Sort(10_000);
        _time.Advance(TimeSpan.FromSeconds(7));

        Assert.Single(Sort(5_000).Live);
    }

    private (IReadOnlyList<SseReplica> Live, IReadOnlyList<string> Gone) Sort(long atMs) =>
        _sightings.Sort([new SseReplica { Instance = "a", AtMs = atMs, StartedMs = 0 }]);
}
