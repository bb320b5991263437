using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace SseScaling.Redis;

/// <summary>How long a batch is waited for, when it is sent again, and when Redis is not asked for a while.</summary>
internal static class PublishPipeline
{
    /// <summary>Tells the pipeline which batch it runs.</summary>
    public static readonly ResiliencePropertyKey<PublishBatch> Batch = new("batch");

    /// <summary>Half of the batches within 5 s failed: a frozen Redis is then asked once a second, and everybody else gets an answer at once.</summary>
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(1);

    /// <summary>A connection that was dropped by the other side is back in some ms; a longer outage is for the caller to wait out.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(150);

    public static void Configure(ResiliencePipelineBuilder pipeline, SseRedisOptions options) =>
        pipeline
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = arguments => ValueTask.FromResult(IsFault(arguments.Outcome, arguments.Context) && IsRepeatable(arguments.Context)),
                MaxRetryAttempts = 1,
                Delay = RetryDelay,
                UseJitter = true,
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // A refusal is an answer, at once and with its reason: nobody waits for it, and the next may be another.
                ShouldHandle = arguments => ValueTask.FromResult(
                    IsFault(arguments.Outcome, arguments.Context) && RedisFaults.Refusal(arguments.Outcome.Exception!) is null),
                FailureRatio = 0.5,
                MinimumThroughput = 5,
                SamplingDuration = Sampling,
                BreakDuration = Break,
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = options.Timeout });

    private static bool IsFault(Outcome<object> outcome, ResilienceContext context) =>
        outcome.Exception is { } exception && RedisFaults.IsOutage(exception, context.CancellationToken);

    private static bool IsRepeatable(ResilienceContext context) => context.Properties.TryGetValue(Batch, out var batch) && batch.IsRepeatable;
}
