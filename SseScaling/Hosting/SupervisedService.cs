using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SseScaling.Hosting;

/// <summary>
/// A background service that goes on for as long as the process does, whatever its work throws: .NET ends the process with a
/// <see cref="BackgroundService"/> that throws, and says nothing of one that returns. Register it with <c>AddSupervised</c>.
/// </summary>
/// <remarks>
/// <code>
///              Worked, in time                   RunAsync threw or returned               Worked
///   (start) ─▶ healthy ─────────────────────────▶ failing, said once, run again ─────────────────▶ healthy, said once
///                └──────── later than Supervision.Patience, failing or hanging ──▶ failed ──────────▶
/// </code>
/// The health check of its name says Degraded while it fails, and what it was registered with once it is late. An outage of Redis is no failure of
/// who waits for it: the link says it, and only who is still late after it is named.
/// </remarks>
public abstract partial class SupervisedService : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Supervision _supervision;
    private readonly ILogger _log;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Exception? _failure;
    private long _dueAt = long.MaxValue;
    private long _workedAt;
    private volatile bool _hasWorked;

    /// <summary>Creates the service; the host starts it.</summary>
    protected SupervisedService(Supervision supervision)
    {
        ArgumentNullException.ThrowIfNull(supervision);
        _supervision = supervision;
        _log = supervision.LogOf(this);
    }

    /// <summary>
    /// Does the work until the token is cancelled, and calls <see cref="Worked"/> whenever it has managed some. If it throws or returns before, it is run
    /// again after a pause of 100 ms to 2 s; so what has to outlive a failure stands in fields.
    /// </summary>
    protected abstract Task RunAsync(CancellationToken stoppingToken);

    /// <summary>Says that the work goes well. Any thread.</summary>
    /// <param name="next">When there will be something to do again; <see cref="Timeout.InfiniteTimeSpan"/> when that is unknown.</param>
    protected void Worked(TimeSpan next = default)
    {
        var now = _supervision.Time.GetTimestamp();
        var before = Interlocked.Exchange(ref _workedAt, now);
        Volatile.Write(ref _dueAt, next == Timeout.InfiniteTimeSpan ? long.MaxValue : now + (long)(next.TotalSeconds * _supervision.Time.TimestampFrequency));
        _hasWorked = true;
        if (Volatile.Read(ref _failure) is not null && Interlocked.Exchange(ref _failure, null) is not null)
            LogWorksAgain(GetType().Name, _supervision.Time.GetElapsedTime(before, now).TotalSeconds);
    }

    /// <summary>Does a piece of work at once, then in each interval, and whenever <see cref="WorkNow"/> is called; never twice at a time.</summary>
    protected async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var timer = _supervision.Time.CreateTimer(static self => ((SupervisedService)self!).WorkNow(), this, interval, interval);
        while (true)
        {
            await work(stoppingToken);
            Worked(interval);
            await _wakes.Reader.ReadAsync(stoppingToken);
        }
    }

    /// <summary>Has <see cref="RepeatAsync"/> do its work now rather than at the end of the interval; once more, where it is at it. Any thread.</summary>
    protected void WorkNow() => _wakes.Writer.TryWrite(true);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _dueAt = _workedAt = _supervision.Time.GetTimestamp();
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            _hasWorked = false;
            var failure = await TryRunAsync(stoppingToken);
            if (stoppingToken.IsCancellationRequested)
                return;
            if (_hasWorked)
                pause = FirstPause;
            Fail(failure);
            await Task.Delay(pause, _supervision.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>How the work goes.</summary>
    /// <param name="failed">What to say of a service that is late.</param>
    internal HealthCheckResult Check(HealthStatus failed)
    {
        var failure = Volatile.Read(ref _failure) ?? ExecuteTask?.Exception;
        if (ExecuteTask is { IsFaulted: true } || _supervision.IsLate(Volatile.Read(ref _dueAt)))
            return new HealthCheckResult(failed, "It has not managed its work for a while.", failure);
        return failure is null ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Its work fails at the moment.", failure);
    }

    private async Task<Exception> TryRunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
            return new InvalidOperationException("The work ended by itself.");
        }
        catch (Exception exception)
        {
            // Also a cancellation: only the token says whether the process stops.
            return exception;
        }
    }

    private void Fail(Exception failure)
    {
        // Whoever had nothing to do has something now.
        Interlocked.CompareExchange(ref _dueAt, _supervision.Time.GetTimestamp(), long.MaxValue);
        if (failure is SseUnavailableException && !_supervision.IsLate(Volatile.Read(ref _dueAt)))
            return;
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null)
            LogFails(failure, GetType().Name, failure.Message);
    }

    [LoggerMessage(130, LogLevel.Error, "{Service} fails: {Reason} (trying until it works)")]
    private partial void LogFails(Exception failure, string service, string reason);

    [LoggerMessage(131, LogLevel.Information, "{Service} works again after {Seconds:F1} s")]
    private partial void LogWorksAgain(string service, double seconds);
}
