using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SseScaling.Publisher;
using SseScaling.Publisher.Telemetry;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Publisher;

public sealed class PublishingWorkerTests : IAsyncLifetime
{
    private readonly RecordingSink _sink = new();
    private readonly LogLines _log = new();
    private IHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(_log);
        builder.Services.AddMetrics().AddSingleton<ISsePublisher>(_sink).AddPublisher(new PublisherOptions { Users = 20, Rate = 2_000 });
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task While_redis_is_away_one_batch_waits_and_is_published_first_when_it_is_back()
    {
        await Eventually.TrueAsync(() => _sink.Published.Count > 100, "events are published");
        _sink.IsAway = true;
        var before = _sink.Attempts.Count;
        await Eventually.TrueAsync(() => _sink.Attempts.Count >= before + 5, "the publisher tries again and again");
        // The first attempt after the change may still have been that of a running call.
        var waiting = _sink.Attempts.Skip(before + 1).ToList();
        var metrics = _host.Services.GetRequiredService<PublisherMetrics>();
        Assert.False(metrics.IsAvailable);

        _sink.IsAway = false;
        var published = _sink.Published.Count;
        await Eventually.TrueAsync(() => metrics.IsAvailable && _sink.Published.Count > published + 100, "events are published again");

        Assert.Single(waiting.Distinct());
        AssertSequencesHaveNoHoles();
        Assert.True(metrics.Skipped > 0);
        Assert.Equal(1, _log.Count("Publishing pauses"));
        Assert.Equal(1, _log.Count("Publishing resumes"));
    }

    [Fact]
    public async Task Whatever_the_sink_throws_the_batch_under_way_is_published_before_all_others()
    {
        await Eventually.TrueAsync(() => _sink.Published.Count > 100, "events are published");
        var before = _sink.Attempts.Count;
        _sink.Failure = new InvalidOperationException("Of no known kind.");
        await Eventually.TrueAsync(() => _sink.Attempts.Count >= before + 4, "the publisher tries again and again");

        _sink.Failure = null;
        var published = _sink.Published.Count;
        await Eventually.TrueAsync(() => _sink.Published.Count > published + 100, "events are published again");

        AssertSequencesHaveNoHoles();
        Assert.Equal(1, _log.Count("PublishingWorker fails: Of no known kind."));
        Assert.Equal(1, _log.Count("PublishingWorker works again after"));
    }

    [Fact]
    public async Task What_is_published_is_counted()
    {
        await Eventually.TrueAsync(() => _sink.Published.Count > 500, "events are published");
        await _host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(_sink.Published.Count, _host.Services.GetRequiredService<PublisherMetrics>().Published);
        AssertSequencesHaveNoHoles();
    }

    private void AssertSequencesHaveNoHoles() =>
        Assert.All(_sink.Published.GroupBy(seen => seen.Topic), topic =>
            Assert.Equal(Enumerable.Range(1, topic.Count()), topic.Select(seen => seen.Seq)));

    private sealed class RecordingSink : ISsePublisher
    {
        private volatile bool _isAway;

        private volatile Exception? _failure;

        public Exception? Failure
        {
            set => _failure = value;
        }

        public bool IsAway
        {
            set => _isAway = value;
        }

        public ConcurrentQueue<(string Topic, int Seq)> Published { get; } = [];

        /// <summary>Topic and key of the first event of each call.</summary>
        public ConcurrentQueue<string> Attempts { get; } = [];

        public async Task<IReadOnlyList<SsePublished>> PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            Attempts.Enqueue($"{events[0].Topic} {events[0].Key} {events.Count}");
            if (_failure is { } failure)
                throw failure;
            if (_isAway)
                throw new SseUnavailableException("Redis is away.") { RetryAfter = TimeSpan.FromMilliseconds(20) };
            foreach (var draft in events)
            {
                using var json = JsonDocument.Parse(draft.Data);
                Published.Enqueue((draft.Topic, json.RootElement.GetProperty("seq").GetInt32()));
            }

            return [.. events.Select(_ => default(SsePublished))];
        }

        // The publisher sends batches only.
        public Task<SsePublished> PublishAsync<T>(string topic, T data, SsePublishOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<SsePublished> PublishAsync<T>(
            string topic, T data, SsePublishOptions? options, JsonTypeInfo<T> jsonTypeInfo, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<SsePublished> PublishUtf8Async(
            string topic, ReadOnlyMemory<byte> data, SsePublishOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
