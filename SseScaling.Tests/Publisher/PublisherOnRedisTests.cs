using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SseScaling.Backplane;
using SseScaling.Protocol;
using SseScaling.Publisher;
using SseScaling.Publisher.Publishing;
using SseScaling.Publisher.Telemetry;
using SseScaling.Publisher.Traffic;
using SseScaling.Redis;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Publisher;

public sealed class PublisherOnRedisTests : IAsyncLifetime
{
    private const int Users = 50;

    private readonly RedisServer _redis = new() { AppendOnly = true };
    private IHost _host = null!;
    private PublisherMetrics _metrics = null!;

    public async ValueTask InitializeAsync()
    {
        await _redis.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("ConnectionStrings:redis", (string?)_redis.ConnectionString)]);
        builder.Services.AddSsePublisher().AddRedis("redis");
        builder.Services.AddPublisher(new PublisherOptions { Users = Users, Rate = 2_000 });
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
        _metrics = _host.Services.GetRequiredService<PublisherMetrics>();
    }

    public async ValueTask DisposeAsync()
    {
        _host.Dispose();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Each_topics_stream_has_its_events_once_and_in_order()
    {
        await PublishAsync(3_000);

        await AssertStreamsAreCompleteAsync();
    }

    [Fact]
    public async Task After_a_kill_and_a_restart_of_redis_each_event_is_there_once_and_in_order()
    {
        await PublishAsync(500);
        await _redis.KillAsync();
        await Eventually.TrueAsync(() => !_metrics.IsAvailable, "publishing pauses");
        await _redis.StartAsync();
        await PublishAsync(500);

        await AssertStreamsAreCompleteAsync();
    }

    [Fact]
    public async Task After_a_redis_that_hung_each_event_is_there_once_and_in_order()
    {
        await PublishAsync(500);
        await _redis.FreezeAsync();
        await Eventually.TrueAsync(() => !_metrics.IsAvailable, "publishing pauses");
        await _redis.ThawAsync();
        await PublishAsync(500);

        await AssertStreamsAreCompleteAsync();
    }

    private async Task PublishAsync(int more)
    {
        var goal = _metrics.Published + more;
        await Eventually.TrueAsync(() => _metrics.Published >= goal, $"{more} events more are published");
    }

    private async Task AssertStreamsAreCompleteAsync()
    {
        await _host.Services.GetServices<IHostedService>().OfType<PublishingWorker>().Single().StopAsync(TestContext.Current.CancellationToken);
        var history = _host.Services.GetRequiredService<EventHistory>();
        var total = 0;
        for (var user = 1; user <= Users; user++)
        {
            var page = await history.ReadHistoryAsync($"notifications:{user}", 0, HistoryPage.MaxCount, TestContext.Current.CancellationToken);
            var sequences = page.Events.Select(message => SequenceOf(EventEnvelope.Parse(message))).ToList();
            Assert.Equal(Enumerable.Range(1, sequences.Count), sequences);
            Assert.Equal(page.Head.Offset, sequences.Count);
            total += sequences.Count;
        }

        // The batch that the stop interrupted is published in part, and not counted.
        Assert.InRange(total, _metrics.Published, _metrics.Published + EventBatch.Capacity);
    }

    private static int SequenceOf(EventEnvelope envelope)
    {
        using var json = JsonDocument.Parse(envelope.Data);
        return json.RootElement.GetProperty("seq").GetInt32();
    }
}
