using System.Diagnostics;
using Microsoft.Extensions.Options;
using Polly;
using SseScaling.Protocol;
using SseScaling.Telemetry;

namespace SseScaling.Redis;

/// <summary>Publishes events through the publishing script: pipelined, each topic in order. Thread-safe.</summary>
/// <remarks>
/// One event costs a call of the script, the same event for several topics a share of one; a call of this class costs one pass through the
/// resilience pipeline for each 512 events. Nothing is validated here: drafts come from code that did.
/// </remarks>
internal sealed class EventPublisher
{
    private readonly RedisLink _link;
    private readonly PublishingMetrics _telemetry;
    private readonly PublishCommand _command;
    private readonly ResiliencePipeline _pipeline;

    /// <summary>Creates the publisher.</summary>
    public EventPublisher(RedisLink link, RedisPipelines pipelines, IOptions<SseOptions> options, PublishingMetrics telemetry, TimeProvider time)
    {
        (_link, _telemetry, _pipeline) = (link, telemetry, pipelines.Publish);
        _command = new PublishCommand(options.Value.History, time);
    }

    /// <summary>Publishes in order, each event by one atomic step; the results stand in the same order.</summary>
    /// <remarks>Order between events of one call holds; two calls at a time have none.</remarks>
    /// <exception cref="SseUnavailableException">
    /// Redis is away, frozen or refuses. Some of the events may still have been published: repeat those with idempotency keys.
    /// </exception>
    public async Task<IReadOnlyList<PublishedEvent>> PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        var results = new PublishedEvent[events.Count];
        var done = 0;
        var started = Stopwatch.GetTimestamp();
        using var activity = PublishingMetrics.StartPublish(events.Count);
        try
        {
            while (done < results.Length)
            {
                var batch = new PublishBatch(events, done, results);
                await RunAsync(batch, cancellationToken);
                done += batch.Done;
            }
            _telemetry.Published(started, results);
            return results;
        }
        catch (Exception exception)
        {
            var cancelled = exception is OperationCanceledException && cancellationToken.IsCancellationRequested;
            _telemetry.PublishFailed(started, results.AsSpan(0, done), cancelled);
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (RedisFaults.IsOutage(exception, cancellationToken))
                throw _link.Unavailable(exception);
            throw;
        }
    }

    private async Task RunAsync(PublishBatch batch, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        context.Properties.Set(PublishPipeline.Batch, batch);
        try
        {
            await _pipeline.ExecuteAsync(static (context, self) =>
                self.Batch.SendAsync(self.This._link.Database, self.This._command, self.This._link.CanShareScripts, context.CancellationToken),
                context, (This: this, Batch: batch));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
