using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace LocalAspire;

/// <summary>One process of a resource, through all its starts and stops. May be used from any thread.</summary>
internal sealed partial class ResourceInstance(
    IResource resource, Launcher launcher, Func<Guardian> guardian, HealthMonitor? health, ResourceNotificationService notifications,
    ResourceLoggerService loggers) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EndpointAnnotation, int> _ports = [];
    private readonly Dictionary<EndpointAnnotation, EndpointProxy> _proxies = [];
    private CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private ChildProcess? _process;

    public IResource Resource => resource;

    /// <summary>Eight letters, which tell the instances of a resource apart.</summary>
    public string Suffix { get; } = InstanceId.NewSuffix();

    public string Id => $"{resource.Name}-{Suffix}";

    /// <summary>Asked to end for so long, then killed: as long as Aspire waits. Servers have less, since they stop after the services.</summary>
    public TimeSpan Grace { get; } = TimeSpan.FromSeconds(resource is ProjectResource ? 6 : 3);

    /// <summary>The port on which this instance listens for an endpoint; the same after a restart.</summary>
    public int PortOf(EndpointAnnotation endpoint) => _ports[endpoint];

    public void Listen(EndpointAnnotation endpoint, int port, EndpointProxy? proxy)
    {
        _ports[endpoint] = port;
        if (proxy is not null)
            _proxies[endpoint] = proxy;
    }

    /// <summary>Starts the process unless it runs; returns at once.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (!_run.IsCompleted)
                return;
            _stop.Dispose();
            _stop = new CancellationTokenSource();
            var stop = _stop.Token;
            Publish(snapshot => snapshot with { State = KnownResourceStates.Starting, ExitCode = null, StopTimeStamp = null });
            _run = Task.Run(() => RunAsync(stop));
        }
    }

    /// <summary>Asks the process to end, kills it after the grace time, and returns when it is gone.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _stop.Cancel();
            return _run;
        }
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>Kills the process and everything it has started.</summary>
    public void Kill() => _process?.Kill();

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await WaitForDependenciesAsync(stop);
            var spec = await launcher.DescribeAsync(this, stop);
            var log = loggers.Log(Id);
            _process = ChildProcess.Start(spec, guardian(), log.Write);
            await FollowAsync(_process, spec, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Publish(snapshot => snapshot with { State = EndState, StopTimeStamp = Now });
        }
        catch (Exception error)
        {
            // Whatever keeps a process from starting is its state, and a line of its output.
            LogFailedToStart(loggers.GetLogger(Id), error.Message);
            Publish(snapshot => snapshot with { State = KnownResourceStates.FailedToStart, StopTimeStamp = Now });
        }
    }

    private async Task WaitForDependenciesAsync(CancellationToken stop)
    {
        var names = resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name).ToArray();
        if (names.Length == 0)
            return;
        LogWaiting(loggers.GetLogger(Id), string.Join(", ", names));
        Publish(snapshot => snapshot with { State = KnownResourceStates.Waiting });
        await notifications.WaitForDependenciesAsync(resource, stop);
    }

    /// <summary>From the start of a process to its end: in the rotation exactly while it runs and was not told to stop.</summary>
    private async Task FollowAsync(ChildProcess process, ProcessSpec spec, CancellationToken stop)
    {
        using var gone = new CancellationTokenSource();
        var backends = _proxies.Select(pair => (Proxy: pair.Value, Backend: new Backend(_ports[pair.Key], gone.Token))).ToArray();
        foreach (var (proxy, backend) in backends)
            proxy.Add(backend);
        PublishRunning(process, spec);
        health?.Nudge();

        var wasTold = await EndsOrIsStoppedAsync(process, stop);
        foreach (var (proxy, backend) in backends)
            proxy.Remove(backend);
        if (wasTold)
        {
            Publish(snapshot => snapshot with { State = KnownResourceStates.Stopping });
            await process.StopAsync(Grace);
        }

        var exitCode = await process.Completion;
        await gone.CancelAsync();
        LogExit(exitCode, wasTold);
        Publish(snapshot => snapshot with { State = EndState, ExitCode = exitCode, StopTimeStamp = Now });
    }

    private static async Task<bool> EndsOrIsStoppedAsync(ChildProcess process, CancellationToken stop)
    {
        try
        {
            await process.Completion.WaitAsync(stop);
            return false;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return true;
        }
    }

    private string EndState => resource is ProjectResource ? KnownResourceStates.Finished : KnownResourceStates.Exited;

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private void PublishRunning(ChildProcess process, ProcessSpec spec)
    {
        ImmutableArray<EnvironmentVariableSnapshot> variables = [.. spec.Environment.Select(pair => new EnvironmentVariableSnapshot(
            pair.Key, pair.Value, Environment.GetEnvironmentVariable(pair.Key) != pair.Value))];
        Publish(snapshot => (snapshot with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = Now,
            HealthReports = health?.Unknown ?? [],
            EnvironmentVariables = variables,
        })
            .WithProperty("executable.path", spec.FileName)
            .WithProperty("executable.workDir", spec.WorkingDirectory)
            .WithProperty("executable.args", spec.Arguments.ToImmutableArray(), sensitive: true)
            .WithProperty("executable.pid", process.Id));
    }

    private void Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => notifications.Publish(resource, Id, change);

    private void LogExit(int exitCode, bool wasTold)
    {
        var signal = exitCode > 128 ? string.Create(CultureInfo.InvariantCulture, $" (signal {exitCode - 128})") : "";
        if (wasTold || exitCode == 0)
            LogEnded(loggers.GetLogger(Id), exitCode, signal);
        else
            LogCrashed(loggers.GetLogger(Id), exitCode, signal);
    }

    [LoggerMessage(1, LogLevel.Information, "Waiting for {Dependencies}.")]
    private static partial void LogWaiting(ILogger logger, string dependencies);

    [LoggerMessage(2, LogLevel.Error, "Failed to start: {Reason}")]
    private static partial void LogFailedToStart(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "Ended with exit code {ExitCode}{Signal}.")]
    private static partial void LogEnded(ILogger logger, int exitCode, string signal);

    [LoggerMessage(4, LogLevel.Error, "Ended unexpectedly with exit code {ExitCode}{Signal}. It stays down until it is started again.")]
    private static partial void LogCrashed(ILogger logger, int exitCode, string signal);
}
