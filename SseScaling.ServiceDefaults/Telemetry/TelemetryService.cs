using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace SseScaling.ServiceDefaults.Telemetry;

/// <summary>
/// Collects metrics and traces from the host's start to its end, and sends what is left (the logs' too) when everything else
/// has stopped. Uses .NET's own meters and activity sources: there is nothing to instrument.
/// </summary>
internal sealed class TelemetryService(IHostEnvironment environment, IConfiguration configuration, LoggerProvider logs) : IHostedLifecycleService, IDisposable
{
    private const int FlushMilliseconds = 2_000;

    private static readonly string[] Meters =
        ["SseScaling.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    private static readonly string[] Sources = ["SseScaling.*", "Microsoft.AspNetCore", "System.Net.Http"];

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // The host's configuration, so that an OTEL variable may also stand in appsettings.json or on the command line.
        _metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(services => services.AddSingleton(configuration))
            .SetResourceBuilder(TelemetryResource.Create(environment.ApplicationName))
            .AddMeter(Meters).AddOtlpExporter().Build();
        _traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(services => services.AddSingleton(configuration))
            .SetResourceBuilder(TelemetryResource.Create(environment.ApplicationName))
            .AddSource(Sources).AddOtlpExporter().Build();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A collector that hangs must not keep the process: each signal has 2 s, all at the same time, and no longer than the host's own limit.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        var flushing = Task.WhenAll(
            Task.Run(() => _metrics?.Shutdown(FlushMilliseconds), CancellationToken.None),
            Task.Run(() => _traces?.Shutdown(FlushMilliseconds), CancellationToken.None),
            Task.Run(() => logs.Shutdown(FlushMilliseconds), CancellationToken.None));
        await Task.WhenAny(flushing, Task.Delay(Timeout.Infinite, cancellationToken));
    }

    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
    }
}
