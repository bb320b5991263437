using Polly;
using Polly.Retry;

namespace SseScaling.Redis;

/// <summary>A topic is subscribed until it succeeds: its clients wait for nothing else.</summary>
internal static class SubscribePipeline
{
    public static void Configure(ResiliencePipelineBuilder pipeline, SseRedisOptions options) =>
        pipeline.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = attempt => ValueTask.FromResult(
                attempt.Outcome.Exception is { } exception && RedisFaults.IsOutage(exception, attempt.Context.CancellationToken)),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = options.SubscribeRetryMax,
        });
}
