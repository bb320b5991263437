using System.Globalization;
using System.Text;
using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Measure;
using SseScaling.LoadTest.Options;
using SseScaling.LoadTest.Report;
using SseScaling.LoadTest.Terminal;

namespace SseScaling.LoadTest;

/// <summary>
/// One run, in its phases:
/// <code>
///   (1) prepare: file limit, addresses, one stream to see that it is one
///   (2) connect: all clients, at the ramp's pace
///   (3) warm up: events flow and are checked, their latency does not count
///   (4) measure: the storm, if there is one, comes halfway
///   (5) drain: no new events; wait for what is under way
///   (6) settle: what has not arrived is lost
/// </code>
/// </summary>
/// <param name="options">What is asked for.</param>
/// <param name="view">Shows progress.</param>
internal sealed class LoadRun(RunOptions options, IRunView view) : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan InterruptedDrain = TimeSpan.FromSeconds(2);

    private readonly byte[] _run = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..12]);
    private readonly List<TopicLedger> _topics = [];
    private readonly RunClock _clock = new();
    private ClientPopulation _clients = null!;
    private Schedule? _schedule;
    private ServerStats _stats = null!;
    private Recorder _recorder = null!;
    private string? _problem;
    private long _noOneSince;

    /// <summary>Runs it. Cancelling ends it early, with a report of what was measured until then.</summary>
    /// <exception cref="UsageException">It cannot begin.</exception>
    public async Task<RunReport> ExecuteAsync(CancellationToken interrupted)
    {
        await PrepareAsync(interrupted);                                                   // (1)
        await ConnectAsync(interrupted);                                                   // (2)
        await WarmUpAsync(interrupted);                                                    // (3)
        await MeasureAsync(interrupted);                                                   // (4)
        await DrainAsync(interrupted);                                                     // (5)
        return Settle(interrupted.IsCancellationRequested);                                // (6)
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _schedule?.Dispose();
        _clients?.Dispose();
        if (_stats is not null) await _stats.DisposeAsync();
    }

    private async Task PrepareAsync(CancellationToken interrupted)
    {
        FileLimit.Ensure(options.Connections, options.Publishers);
        var targets = await Targets.ResolveAsync(options.Urls, interrupted);
        foreach (var target in targets) await Preflight.CheckAsync(target, StreamRequest.Head(options, target, 0), StreamRequest.Path(options, 0), interrupted);
        for (var i = 0; i < StreamRequest.TopicCount(options); i++) _topics.Add(new TopicLedger(StreamRequest.TopicName(options, i)));
        var publishes = options.Publish != PublishVia.None && options.Rate > 0;
        _clients = new ClientPopulation(options, targets, _topics, publishes ? _run : []);
        if (publishes) _schedule = new Schedule(_topics, await PublisherFactory.CreateAsync(options, targets, _run, interrupted), options.Rate);
        _stats = new ServerStats(targets[0]);
        _recorder = new Recorder(_clients, _schedule, _stats);
    }

    private async Task ConnectAsync(CancellationToken interrupted)
    {
        _stats.Start();
        _clients.Start(options.Ramp);
        var ramp = TimeSpan.FromSeconds(options.Connections / options.Ramp);
        await PhaseAsync("connecting", ramp + ConnectPatience, () => _clients.Connected >= options.Connections, interrupted, ramp);
        if (_clients.Connected == 0 && !interrupted.IsCancellationRequested) _problem ??= $"No client could connect: {_recorder.Counters.LastProblem ?? "there was no answer"}.";
    }

    private async Task WarmUpAsync(CancellationToken interrupted)
    {
        _clock.PublishingFrom = Clock.Now;
        _clients.Configure(context => context.Publishing = true);
        if (_problem is null && !interrupted.IsCancellationRequested) _schedule?.Start();
        await PhaseAsync("warming up", options.WarmUp, () => false, interrupted);
        if (_schedule?.Total() is { Accepted: 0, Refused: > 0 } failed) _problem ??= $"No event could be published: {failed.LastProblem}.";
    }

    private async Task MeasureAsync(CancellationToken interrupted)
    {
        _clock.MeasureFrom = Clock.Now;
        _clock.ReceivedBefore = _recorder.Counters.Received;
        _recorder.BeginMeasuring();
        _clients.Configure(context => context.MeasureFrom = _clock.MeasureFrom);
        var begin = Clock.Now;
        var halfway = begin + Clock.Nanoseconds(options.Duration) / 2;
        await PhaseAsync("measuring", options.Duration, () => { if (options.Storm) WatchStorm(halfway); return false; }, interrupted);
        _schedule?.Stop();
        _clock.MeasureTo = Clock.Now;
        _clients.Configure(context =>
        {
            context.MeasureTo = _clock.MeasureTo;
            context.Dropping = false;
        });
    }

    private async Task DrainAsync(CancellationToken interrupted)
    {
        if (_schedule is null || _problem is not null) { _recorder.Take("draining"); return; }
        var longest = interrupted.IsCancellationRequested && options.Drain > InterruptedDrain ? InterruptedDrain : options.Drain;
        await PhaseAsync("draining", longest, () => _schedule.IsIdle && _clients.IsComplete(), CancellationToken.None);
        _recorder.Take("draining");
    }

    private RunReport Settle(bool interrupted)
    {
        _clients.Configure(context => context.Reconnecting = false);
        var established = _clients.EverConnected();
        var atEnd = _clients.Connected;
        _schedule?.Dispose();
        var missing = _clients.Settle();
        if (_problem is null && _schedule?.Total().Accepted > 0 && _recorder.Counters.Received == 0 && !interrupted)
        {
            _problem = "Not one of the published events arrived at any client: does the server flush, and do --path and the topics match?";
        }
        var report = ReportBuilder.Build(options, _clients, _schedule, _recorder, _clock) with
        {
            StartedAt = _clock.StartedAt,
            Outcome = _problem is not null ? "failed" : interrupted ? "interrupted" : "completed",
            Problem = _problem,
        };
        report = report with
        {
            Connections = report.Connections with { Established = established, AtEnd = atEnd },
            Events = report.Events with { Lost = missing.Lost, AnnouncedMissing = missing.Announced },
        };
        report = report with { Notes = Notes.For(report) };
        return report with { Thresholds = [.. options.FailIf.Select(threshold => threshold.Judge(report))] };
    }

    /// <summary>Samples and shows each second until the phase is done, its time is over, or the run is.</summary>
    private async Task PhaseAsync(string name, TimeSpan longest, Func<bool> isDone, CancellationToken interrupted, TimeSpan? expected = null)
    {
        var (begin, sampled) = (Clock.Now, Clock.Now);
        using var timer = new PeriodicTimer(Tick);
        while (!interrupted.IsCancellationRequested && _problem is null && Clock.Now - begin < Clock.Nanoseconds(longest) && !isDone())
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            GiveUpIfAlone();
            if (Clock.Now - sampled < 1_000_000_000) continue;
            sampled += 1_000_000_000;
            Show(name, Clock.Seconds(begin, Clock.Now) / Math.Max(0.001, (expected ?? longest).TotalSeconds));
        }
        if (Clock.Now - sampled > 100_000_000) Show(name, 1);
    }

    private void Show(string phase, double progress) =>
        view.Show(new RunState(options, _recorder.Take(phase), Math.Clamp(progress, 0, 1), _recorder.Latency));

    private void WatchStorm(long halfway)
    {
        if (_clock.StormAt == 0 && Clock.Now >= halfway)
        {
            _clock.BeforeStorm = _clients.Connected;
            _clients.Storm();
            _clock.StormAt = Clock.Now;
        }
        else if (_clock is { StormAt: > 0, StormMs: null } && _clients.Connected >= _clock.BeforeStorm)
        {
            _clock.StormMs = Math.Round((Clock.Now - _clock.StormAt) / 1e6);
        }
    }

    private void GiveUpIfAlone()
    {
        if (_clients.Failure is { } failure) _problem = $"A receive thread of this tool failed: {failure.Message}";
        if (_clients.Connected > 0) _noOneSince = 0;
        else if (_noOneSince == 0) _noOneSince = Clock.Now;
        else if (Clock.Now - _noOneSince > Clock.Nanoseconds(options.GiveUp) + FirstConnection())
        {
            var reason = _recorder.Counters.LastProblem ?? "there was no answer";
            _problem = $"No client has been connected for {options.GiveUp.TotalSeconds:0.#} s, so the run was ended: {reason}.";
        }
    }

    private long FirstConnection() => (long)(1e9 / options.Ramp);
}
