using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using LocalAspire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>An application: several resources that run together.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    // A signal to the whole foreground group reaches the AppHost once directly and once through dotnet run.
    private static readonly TimeSpan SameKeyPress = TimeSpan.FromSeconds(1);

    private readonly IHost _host;
    private readonly bool _isUnderTest;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Orchestrator _orchestrator;
    private int _isDisposing;

    internal DistributedApplication(IHost host, bool isUnderTest)
    {
        (_host, _isUnderTest) = (host, isUnderTest);
        _orchestrator = host.Services.GetRequiredService<Orchestrator>();
    }

    /// <summary>The AppHost's services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>The state of every instance.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>The commands of the resources.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    /// <summary>Starts to describe an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Starts to describe an application.</summary>
    /// <param name="args">The command line arguments.</param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Starts to describe an application.</summary>
    /// <param name="options">How it is built.</param>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    /// <summary>Starts the resources; returns before they all run.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="DistributedApplicationException">Something that the resources need is missing, or a port is in use.</exception>
    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _orchestrator.Prepare();
        var dashboard = Services.GetService<DashboardService>();
        if (dashboard is not null)
            await dashboard.StartAsync(cancellationToken);
        ConnectLogs(dashboard);
        await _host.StartAsync(cancellationToken);
    }

    /// <summary>Stops the resources: each is asked to end, and killed 6 s later.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Runs the application until Ctrl+C; what keeps it from starting is one line of text and exit code 1.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Runs the application until Ctrl+C; what keeps it from starting is one line of text and exit code 1.</summary>
    /// <param name="cancellationToken">Stops it too.</param>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_isUnderTest)
        {
            await _disposed.Task.WaitAsync(cancellationToken);
            return;
        }

        try
        {
            await StartAsync(cancellationToken);
            using var interrupt = KillAllWhenPressedAgain();
            await _host.WaitForShutdownAsync(cancellationToken);
        }
        catch (DistributedApplicationException error)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            Environment.ExitCode = 1;
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <summary>Stops the resources and removes what they left.</summary>
    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the resources and removes what they left.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposing, 1) == 1)
        {
            await _disposed.Task;
            return;
        }

        try
        {
            await _orchestrator.DisposeAsync();
            if (_host is IAsyncDisposable host)
                await host.DisposeAsync();
        }
        finally
        {
            _disposed.TrySetResult();
            GC.SuppressFinalize(this);
        }
    }

    private void ConnectLogs(DashboardService? dashboard)
    {
        var loggers = Services.GetRequiredService<ResourceLoggerService>();
        if (Services.GetService<Terminal>() is { } terminal)
        {
            terminal.Align(_orchestrator.Instances.Select(instance => instance.Id));
            loggers.Written = terminal.WriteLine;
            var model = Services.GetRequiredService<DistributedApplicationModel>();
            foreach (var line in Summary.Lines(model, ResourceNotifications, dashboard?.Lines() ?? []))
                terminal.WriteLine(line);
        }
        else
        {
            loggers.Written = new ResourceLogging(Services.GetRequiredService<ILoggerFactory>(), Services.GetRequiredService<IHostEnvironment>()).Write;
        }
    }

    private PosixSignalRegistration KillAllWhenPressedAgain()
    {
        var first = 0L;
        return PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            var now = TimeProvider.System.GetTimestamp();
            var before = Interlocked.CompareExchange(ref first, now, 0);
            if (before != 0 && TimeProvider.System.GetElapsedTime(before, now) > SameKeyPress)
                _orchestrator.KillAll();
        });
    }
}
