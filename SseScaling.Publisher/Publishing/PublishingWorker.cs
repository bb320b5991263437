using SseScaling.Hosting;
using SseScaling.Publisher.Telemetry;
using SseScaling.Publisher.Traffic;

namespace SseScaling.Publisher.Publishing;

/// <summary>Publishes what becomes due, for as long as the process runs.</summary>
/// <remarks>
/// One batch is under way at a time, so that each topic's events keep their order whatever happens to the connection; a batch holds
/// all that became due meanwhile and its events are pipelined. When Redis is away, that batch waits and is sent again until it
/// succeeds. Nothing new is made meanwhile, so nothing queues up, and what would have become due is left out.
/// </remarks>
public sealed class PublishingWorker : SupervisedService
{
    /// <summary>
    /// The pause between batches: short against what a person or a latency histogram notices, long enough that an idle publisher
    /// costs next to nothing (50 wake-ups per second).
    /// </summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan ConnectGrace = TimeSpan.FromSeconds(2);

    private const double ReportSeconds = 10;

    private readonly TrafficSource _source;
    private readonly EventBatch _batch;
    private readonly ISsePublisher _publisher;
    private readonly TrafficControl _control;
    private readonly PublisherMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<PublishingWorker> _log;
    private (long At, long Published, long Skipped) _lastReport;

    /// <summary>Creates the worker; it publishes nothing before it is started.</summary>
    public PublishingWorker(
        TrafficSource source,
        EventBatch batch,
        ISsePublisher publisher,
        TrafficControl control,
        PublisherMetrics metrics,
        TimeProvider time,
        Supervision supervision,
        ILogger<PublishingWorker> log)
        : base(supervision)
    {
        _source = source;
        _batch = batch;
        _publisher = publisher;
        _control = control;
        _metrics = metrics;
        _time = time;
        _log = log;
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _log.Started(_control.Plan.Scenario.Name, _control.Plan.Rate);
        _lastReport.At = _time.GetTimestamp();
        // The time that the start itself took is not made up for.
        _source.Restart();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _log.Stopped(_metrics.Published);
    }

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(Tick, PublishDueAsync, stoppingToken);

    private async Task PublishDueAsync(CancellationToken cancellationToken)
    {
        bool moreDue;
        do
        {
            // A batch that is left from a failure has its place before all others.
            moreDue = _batch.Events.Count > 0 || _source.AddDue(_batch);
            if (_batch.Events.Count > 0)
                await PublishBatchAsync(cancellationToken);
            _batch.Clear();
            _metrics.SkippedUpTo(_source.Skipped);
            Worked();
        }
        while (moreDue);
        ReportProgress();
    }

    private async Task PublishBatchAsync(CancellationToken cancellationToken)
    {
        long? awaySince = null;
        var saidAway = false;
        while (true)
        {
            try
            {
                await _publisher.PublishAsync(_batch.Events, cancellationToken);
                break;
            }
            catch (SseUnavailableException e)
            {
                awaySince ??= _time.GetTimestamp();
                _metrics.IsAvailable = false;
                // The first connection takes a moment, which is no news.
                if (!saidAway && (_metrics.Published > 0 || _time.GetElapsedTime(awaySince.Value) > ConnectGrace))
                {
                    _log.Away(e.Message);
                    saidAway = true;
                }

                await Task.Delay(e.RetryAfter, _time, cancellationToken);
            }
        }

        _metrics.Count(_batch);
        if (awaySince is { } since)
            Resume(since, saidAway);
    }

    private void Resume(long awaySince, bool saidAway)
    {
        _metrics.IsAvailable = true;
        _source.Skip();
        var seconds = _time.GetElapsedTime(awaySince).TotalSeconds;
        if (saidAway)
            _log.Back(seconds);
    }

    private void ReportProgress()
    {
        var seconds = _time.GetElapsedTime(_lastReport.At).TotalSeconds;
        if (seconds < ReportSeconds)
            return;
        var (published, skipped) = (_metrics.Published, _source.Skipped);
        var count = published - _lastReport.Published;
        var actual = count / seconds;
        var target = _control.TargetRate;
        var scenario = _control.Plan.Scenario.Name;
        var leftOut = skipped - _lastReport.Skipped;
        _log.Progress(count, seconds, actual, target, scenario, leftOut);
        _lastReport = (_time.GetTimestamp(), published, skipped);
    }
}
