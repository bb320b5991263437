using System.Text.Json;
using System.Text.Json.Serialization;
using LocalAspire.Dashboard.Http;
using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Resources;
using LocalAspire.Dashboard.Security;
using LocalAspire.Dashboard.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalAspire.Dashboard;

/// <summary>The dashboard: a web server of its own inside the AppHost, on the loopback addresses only.</summary>
internal sealed class DashboardHost : IAsyncDisposable
{
    // Open streams end at once, so that only a request that is being answered takes any of it.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;

    private DashboardHost(WebApplication app, DashboardOptions options) => (_app, Options) = (app, options);

    /// <summary>As it was started: the ports are those that were free.</summary>
    public DashboardOptions Options { get; }

    public string Url => $"http://localhost:{Options.Port}";

    public string LoginUrl => Options.IsAnonymousAllowed ? Url : $"{Url}/login?t={Options.BrowserToken}";

    public string OtlpUrl => $"http://localhost:{Options.OtlpPort}";

    /// <summary>Starts it; takes a free port where the wanted one is in use.</summary>
    public static async Task<DashboardHost> StartAsync(
        DashboardOptions options, IResourceSource source, ILoggerProvider? logger, CancellationToken cancellationToken)
    {
        const int attempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var app = Build(options, source, logger);
            try
            {
                await app.StartAsync(cancellationToken);
                return new DashboardHost(app, options);
            }
            catch (IOException) when (attempt < attempts)
            {
                // Kestrel does not say which of the two ports is in use. Only the port of the pages matters to the user, so it goes last.
                await app.DisposeAsync();
                options = attempt == 1 ? options with { OtlpPort = options.NextFreePort() }
                    : options with { Port = options.NextFreePort(), OtlpPort = options.NextFreePort() };
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Build(DashboardOptions options, IResourceSource source, ILoggerProvider? logger)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        if (logger is not null)
            builder.Logging.AddProvider(logger);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenLocalhost(options.Port);
            kestrel.ListenLocalhost(options.OtlpPort);
        });
        AddServices(builder.Services, options, source);

        var app = builder.Build();
        // Another site that resolves its name to this machine must not reach the pages.
        app.UseHostFiltering();
        app.UseRouting();
        app.UseMiddleware<AccessControl>();
        app.MapLogin();
        app.MapPages();
        app.MapResources();
        app.MapConsole();
        app.MapTelemetry();
        app.MapOtlp();
        return app;
    }

    private static void AddServices(IServiceCollection services, DashboardOptions options, IResourceSource source)
    {
        services.AddRoutingCore();
        services.AddSingleton(options);
        services.AddSingleton(source);
        services.AddSingleton<TelemetryStore>();
        services.AddSingleton(TimeProvider.System);
        // The AppHost says when it stops.
        services.AddSingleton<IHostLifetime, AppHostLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        services.Configure<HostFilteringOptions>(hosts => hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        });
    }

    private sealed class AppHostLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
