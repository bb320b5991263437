using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using LocalAspire.Dashboard;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace LocalAspire;

/// <summary>
/// Runs the dashboard where the AppHost was given an address for it (the applicationUrl of its launch profile, which becomes ASPNETCORE_URLS),
/// and has the services send their telemetry to it. It outlives the resources, so that their end is seen.
/// </summary>
internal sealed class DashboardService(
    DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService loggers, ResourceCommandService commands,
    OtlpTarget telemetry, IConfiguration configuration, IHostEnvironment environment, IServiceProvider services) : IAsyncDisposable
{
    private DashboardHost? _host;
    private int _wantedPort;

    /// <summary>The dashboard; null where there is none, or before the start.</summary>
    public DashboardHost? Host => _host;

    /// <summary>Starts it, before the resources start: they are told where to send telemetry.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (WantedPort("ASPNETCORE_URLS") is not { } port)
            return;
        var isRandom = configuration.GetValue("DcpPublisher:RandomizePorts", false);
        _wantedPort = isRandom || port == 0 ? FreePorts.Next() : port;
        var options = new DashboardOptions
        {
            Port = _wantedPort,
            OtlpPort = isRandom ? FreePorts.Next() : WantedPort("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL") ?? FreePorts.Next(),
            NextFreePort = FreePorts.Next,
            IsAnonymousAllowed = configuration.GetValue("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", false),
            ApplicationName = environment.ApplicationName,
        };
        if (configuration["AppHost:BrowserToken"] is { Length: > 0 } token)
            options = options with { BrowserToken = token };
        if (configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key)
            options = options with { OtlpApiKey = key };

        var source = new ResourceSource(model, notifications, loggers, commands);
        _host = await DashboardHost.StartAsync(options, source, services.GetService(typeof(Terminal)) as Terminal, cancellationToken);
        telemetry.Endpoint = _host.OtlpUrl;
        telemetry.Protocol = "http/protobuf";
        telemetry.Headers = $"x-otlp-api-key={options.OtlpApiKey}";
    }

    /// <summary>What the user is told of it.</summary>
    public IEnumerable<string> Lines()
    {
        if (_host is null)
            yield break;
        if (_host.Options.Port != _wantedPort)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"  Port {_wantedPort} is in use by another program, so the dashboard is at http://localhost:{_host.Options.Port} instead.");
        yield return $"  Login to the dashboard at {_host.LoginUrl}";
        yield return "";
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }

    /// <summary>The port of the first http URL; https is not served, as LocalAspire has none.</summary>
    private int? WantedPort(string setting) => configuration[setting]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp ? uri.Port : (int?)null)
        .FirstOrDefault(port => port is not null);
}
