using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;
using Polly.Retry;
using SseScaling.Redis;
using SseScaling.Tests.Backplane;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Redis;

/// <summary>An application's own resilience pipelines in the place of the library's.</summary>
public sealed class RedisPipelineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pipeline_of_the_application_is_used_whenever_it_was_registered(bool before)
    {
        var (publishes, subscribes) = (new Counted(), new Counted());
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await StartAsync(redis, before, services => services
            .AddResiliencePipeline(SseRedisOptions.PublishPipeline, pipeline => pipeline.AddStrategy(_ => publishes, new NoOptions()))
            .AddResiliencePipeline(SseRedisOptions.SubscribePipeline, pipeline => pipeline.AddStrategy(_ => subscribes, new NoOptions())))).ReadyAsync();
        var topic = Drafts.NewTopic();

        var receiver = await host.SubscribeAsync(topic);
        await host.PublishAsync(Drafts.Draft(topic, "1"));

        Assert.Equal(1, (await receiver.NextAsync()).Number());
        Assert.Equal((1, 1), (publishes.Executions, subscribes.Executions));
    }

    [Fact]
    public async Task A_pipeline_that_repeats_everything_publishes_nothing_twice()
    {
        var topic = Drafts.NewTopic();
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await (await StartAsync(redis, before: false, services => services.AddResiliencePipeline(
            SseRedisOptions.PublishPipeline,
            pipeline => pipeline
                .AddRetry(new RetryStrategyOptions { ShouldHandle = _ => PredicateResult.True(), MaxRetryAttempts = 3, Delay = TimeSpan.Zero })
                .AddTimeout(TimeSpan.FromMilliseconds(300))))).ReadyAsync();

        // Redis gets what is sent while it is frozen, and does it once it thaws.
        await redis.FreezeAsync();
        await Assert.ThrowsAsync<SseUnavailableException>(() => host.PublishAsync(Drafts.Draft(topic, "1")));
        await redis.ThawAsync();

        await Eventually.TrueAsync(async () => (await redis.CliAsync("XLEN", RedisKeys.Stream(topic).ToString())) != "0", "the event is published");
        await Eventually.TrueAsync(() => host.Backplane.IsAvailable, "the backplane is available");
        await host.PublishAsync(Drafts.Draft(topic, "2"));
        Assert.Equal([1, 2], (await host.ReadAsync(topic)).Envelopes().Select(Drafts.Number));
    }

    [Fact]
    public async Task A_pipeline_that_gives_up_is_run_anew_until_the_topic_is_subscribed()
    {
        var attempts = new Counted();
        await using var redis = new RedisServer();
        await using var host = await StartAsync(redis, before: true, services => services.AddResiliencePipeline(
            SseRedisOptions.SubscribePipeline, pipeline => pipeline.AddStrategy(_ => attempts, new NoOptions()).AddTimeout(TimeSpan.FromMilliseconds(50))));
        var subscribing = host.Backplane.SubscribeAsync(Drafts.NewTopic(), new CollectingReceiver(), Cancellation);
        await Eventually.TrueAsync(() => attempts.Executions >= 3, "the pipeline gave up twice");
        Assert.False(subscribing.IsCompleted);

        await redis.StartAsync();

        await subscribing.WaitAsync(Eventually.Deadline, Cancellation);
    }

    [Fact]
    public async Task The_pipelines_of_the_application_are_logged_as_ever()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await StartAsync(redis, before: false, services => services.AddResiliencePipeline(
            "mine", pipeline => pipeline.AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 1, Delay = TimeSpan.Zero })));
        var mine = host.Services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline("mine");

        Assert.Throws<TimeoutException>(() => mine.Execute(() => throw new TimeoutException()));

        Assert.True(host.Log.Count("OnRetry") > 0);
    }

    private static Task<BackplaneHost> StartAsync(RedisServer redis, bool before, Action<IServiceCollection> own) => BackplaneHost.StartWithAsync(
        sse =>
        {
            if (before)
                own(sse.Services);
            sse.AddRedis("redis");
            if (!before)
                own(sse.Services);
        },
        ("ConnectionStrings:redis", redis.ConnectionString), ("Sse:Redis:SubscribeRetryMax", "00:00:00.100"));

    private sealed class NoOptions : ResilienceStrategyOptions;

    /// <summary>Counts what is run.</summary>
    private sealed class Counted : ResilienceStrategy
    {
        private int _executions;

        public int Executions => Volatile.Read(ref _executions);

        protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            Interlocked.Increment(ref _executions);
            return callback(context, state);
        }
    }
}
