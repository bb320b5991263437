using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SseScaling.ServiceDefaults.Health;
using SseScaling.ServiceDefaults.Telemetry;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the solution does alike: health, telemetry, a stop in time.</summary>
public static class Extensions
{
    private const string LiveTag = "live";

    // The meters and activity sources of all projects.
    private const string OwnTelemetry = "SseScaling.*";

    // Aspire, like most orchestrators, kills a process some seconds after it asked it to stop (6 s); ASP.NET's own limit is 30 s.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds OpenTelemetry, the default health checks and a shutdown time-out of 5 s. In Development only the names of this machine are served, unless <c>AllowedHosts</c> names others.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        // A page from elsewhere whose name was rebound to this machine has that name in its requests.
        if (builder.Environment.IsDevelopment() && builder.Configuration["AllowedHosts"] is null or "" or "*")
            builder.Services.Configure<HostFilteringOptions>(options => options.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        // A log that nobody reads loses lines, which the console says when it is read again; nobody waits for it.
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
        return builder;
    }

    /// <summary>
    /// Adds metrics, traces and logs. They are collected and exported by OTLP only where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; the other
    /// OTEL variables (protocol, headers, sampler, intervals, resource) mean what the OpenTelemetry specification says. All of them may also stand
    /// in the configuration.
    /// </summary>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return builder;

        builder.Services.AddOpenTelemetry()
            // Without variables, machine and process tell replicas apart; the variables stand last, since the last one wins.
            .ConfigureResource(resource => resource
                .AddService(builder.Environment.ApplicationName, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter(OwnTelemetry)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPollyInstrumentation())
            // Probes come several times a minute to each replica, and nobody looks at them.
            .WithTracing(tracing => tracing
                .AddSource(OwnTelemetry)
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !HealthRoutes.IsProbe(context.Request))
                .AddHttpClientInstrumentation())
            .WithLogging(configureBuilder: null, logging =>
            {
                logging.IncludeFormattedMessage = true;
                logging.IncludeScopes = true;
            })
            .UseOtlpExporter();
        LeaveOutQueries(builder.Logging);
        builder.Services.AddHostedService<TelemetryShutdown>();
        return builder;
    }

    /// <summary>
    /// Has the server's lines about each request left out, whatever level is wanted: they hold the query, in which a stream's ticket and position stand. A filter
    /// without a provider's name yields to levels that are configured for a provider.
    /// </summary>
    private static void LeaveOutQueries(ILoggingBuilder logging)
    {
        const string Requests = "Microsoft.AspNetCore.Hosting.Diagnostics";
        logging.AddFilter(Requests, LogLevel.Warning).AddFilter<ConsoleLoggerProvider>(Requests, LogLevel.Warning).AddFilter<OpenTelemetryLoggerProvider>(Requests, LogLevel.Warning);
    }

    /// <summary>Adds the check that says that the process answers, tagged <c>live</c>.</summary>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        // It logs an error for each probe of an outage that whoever is unhealthy has logged already, once.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        return builder;
    }

    /// <summary>
    /// Maps <c>/alive</c> (checks tagged <c>live</c>: restart the process when it fails) and <c>/health</c> (all checks: send no requests while it
    /// fails), in every environment: replicas behind a balancer need them in production. 200, or 503 when unhealthy.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(HealthRoutes.Ready, new HealthCheckOptions { ResponseWriter = HealthResponse.WriteAsync }).AllowAnonymous().DisableHttpMetrics();
        app.MapHealthChecks(HealthRoutes.Alive, new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(LiveTag),
            ResponseWriter = HealthResponse.WriteAsync,
        }).AllowAnonymous().DisableHttpMetrics();
        return app;
    }
}
