using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SseScaling.Hosting;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.ServiceDefaults;

/// <summary>Background services whose work throws, returns or hangs.</summary>
public sealed class SupervisedServiceTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();
    private IHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Script Script => _host.Services.GetRequiredService<Script>();

    private Supervision Supervision => _host.Services.GetRequiredService<Supervision>();

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(_log).AddFilter("Microsoft", LogLevel.None);
        builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<Script>()
            .AddSupervised<Vital>("vital")
            .AddSupervised<Dispensable>("dispensable", HealthStatus.Degraded);
        _host = builder.Build();
        await _host.StartAsync(Cancellation);
        await BackAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        _log.Dispose();
    }

    [Fact]
    public Task An_exception_of_an_unknown_type_is_shown_said_once_and_outlived() =>
        FailAndComeBackAsync(() => throw new InvalidOperationException("Reading is not allowed after reader was completed."));

    [Fact]
    public Task A_cancellation_that_nobody_asked_for_is_a_failure_like_any_other() => FailAndComeBackAsync(() => throw new OperationCanceledException());

    [Fact]
    public Task Work_that_ends_by_itself_is_a_failure_like_any_other() => FailAndComeBackAsync(() => { });

    [Fact]
    public async Task Work_that_fails_for_long_makes_the_process_unhealthy_where_it_is_vital()
    {
        Script.Next = _ => throw new InvalidOperationException("Of no known kind.");
        Script.Interrupt();
        await PassAsync(Supervision.Patience * 1.5);

        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Degraded), await StatesAsync());
        await BackAsync();
    }

    [Fact]
    public async Task Work_that_hangs_is_shown_once_it_is_late()
    {
        Script.Next = async worked =>
        {
            worked(TimeSpan.Zero);
            await Script.Interrupted;
        };
        Script.Interrupt();
        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return await StatesAsync() == (HealthStatus.Unhealthy, HealthStatus.Degraded);
            },
            "it is late");
        await BackAsync();
    }

    [Fact]
    public async Task Work_that_has_nothing_to_do_is_never_late()
    {
        await PassAsync(Supervision.Patience * 3);

        Assert.Equal((HealthStatus.Healthy, HealthStatus.Healthy), await StatesAsync());
    }

    [Fact]
    public async Task Whoever_waits_for_Redis_while_that_is_away_has_not_failed_but_may_not_stay_away_behind_it()
    {
        Supervision.OutageBegan();
        Script.Next = _ => throw new SseUnavailableException("Redis cannot be reached at the moment.");
        Script.Interrupt();
        await PassAsync(Supervision.Patience * 3);
        Assert.Equal((HealthStatus.Healthy, HealthStatus.Healthy), await StatesAsync());
        Assert.Equal(0, _log.Count(" fails: "));

        Supervision.OutageEnded();
        Assert.Equal((HealthStatus.Healthy, HealthStatus.Healthy), await StatesAsync());
        await PassAsync(Supervision.Patience * 1.5);

        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Degraded), await StatesAsync());
        Assert.Equal(1, _log.Count("Vital fails: Redis cannot be reached"));
        await BackAsync();
    }

    [Fact]
    public async Task A_stop_ends_the_work_without_a_word()
    {
        await _host.StopAsync(Cancellation);

        Assert.Empty(_log.All);
        Assert.Equal((HealthStatus.Healthy, HealthStatus.Healthy), await StatesAsync());
    }

    private async Task FailAndComeBackAsync(Action failure)
    {
        var runs = Script.Runs;
        Script.Next = _ =>
        {
            failure();
            return Task.CompletedTask;
        };
        Script.Interrupt();
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
                return Script.Runs >= runs + 6 && _log.Count("Vital fails: ") > 0 && _log.Count("Dispensable fails: ") > 0;
            },
            "both are tried again and again");

        Assert.Equal((HealthStatus.Degraded, HealthStatus.Degraded), await StatesAsync());
        foreach (var service in new[] { nameof(Vital), nameof(Dispensable) })
            Assert.Equal(1, _log.Count($"{service} fails: "));

        await BackAsync();
        foreach (var service in new[] { nameof(Vital), nameof(Dispensable) })
            Assert.Equal(1, _log.Count($"{service} works again after "));
    }

    /// <summary>Has the work go well again, and waits until that is seen.</summary>
    private async Task BackAsync()
    {
        var successes = Script.Successes;
        Script.Next = null;
        Script.Interrupt();
        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                return Script.Successes >= successes + 2 && await StatesAsync() == (HealthStatus.Healthy, HealthStatus.Healthy);
            },
            "the work is done again");
    }

    /// <summary>Lets time pass in steps, with at least another attempt in each while the work fails.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        for (var end = _time.GetUtcNow() + time; _time.GetUtcNow() < end;)
        {
            var runs = Script.Runs;
            _time.Advance(TimeSpan.FromSeconds(1));
            if (Script.Next is not null)
            {
                await Eventually.TrueAsync(
                    () =>
                    {
                        _time.Advance(TimeSpan.FromMilliseconds(100));
                        return Script.Runs > runs;
                    },
                    "another attempt");
            }
        }
    }

    private async Task<(HealthStatus Vital, HealthStatus Dispensable)> StatesAsync()
    {
        var report = await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);
        return (report.Entries["vital"].Status, report.Entries["dispensable"].Status);
    }

    private sealed class Vital(Script script, Supervision supervision) : SupervisedService(supervision)
    {
        protected override Task RunAsync(CancellationToken stoppingToken) => script.RunAsync(Worked, stoppingToken);
    }

    private sealed class Dispensable(Script script, Supervision supervision) : SupervisedService(supervision)
    {
        protected override Task RunAsync(CancellationToken stoppingToken) => script.RunAsync(Worked, stoppingToken);
    }
}

/// <summary>What the services do: nothing more after a success, until the test interrupts that.</summary>
internal sealed class Script
{
    private volatile TaskCompletionSource _interrupted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Func<Action<TimeSpan>, Task>? _next;
    private int _runs;
    private int _successes;

    /// <summary>What to do; null: something that succeeds. Gets what says that the work goes well.</summary>
    public Func<Action<TimeSpan>, Task>? Next
    {
        get => _next;
        set => _next = value;
    }

    public int Runs => Volatile.Read(ref _runs);

    public int Successes => Volatile.Read(ref _successes);

    /// <summary>Completes at the next <see cref="Interrupt"/>.</summary>
    public Task Interrupted => _interrupted.Task;

    public void Interrupt()
    {
        var interrupted = _interrupted;
        _interrupted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        interrupted.SetResult();
    }

    public async Task RunAsync(Action<TimeSpan> worked, CancellationToken stopping)
    {
        Interlocked.Increment(ref _runs);
        while (true)
        {
            var interrupted = Interrupted;
            if (Next is { } next)
            {
                await next(worked);
                return;
            }

            worked(Timeout.InfiniteTimeSpan);
            Interlocked.Increment(ref _successes);
            await interrupted.WaitAsync(stopping);
        }
    }
}
