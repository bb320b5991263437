using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SseScaling.Api.Http;
using SseScaling.Api.Social;
using SseScaling.Connections;
using SseScaling.Hosting;
using SseScaling.Sockets;
using SseScaling.Telemetry;
using SseScaling.Topics;

namespace SseScaling.Api;

/// <summary>Puts the replica together.</summary>
internal static class ApiExtensions
{
    // For what stops after the streams: requests, Redis, what telemetry has left to send.
    private static readonly TimeSpan AfterDrain = TimeSpan.FromSeconds(2);

    /// <summary>Topics, their subscribers, and the clients' streams.</summary>
    public static void AddDelivery(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<DeliveryOptions>()
            .BindConfiguration(DeliveryOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        // The host would cut a longer drain off at its own limit.
        builder.Services.AddOptions<HostOptions>().PostConfigure<IOptions<DeliveryOptions>>((host, delivery) =>
        {
            var needed = delivery.Value.DrainWindow + AfterDrain;
            if (host.ShutdownTimeout < needed)
                host.ShutdownTimeout = needed;
        });
        builder.Services.AddSingleton<IConfigureOptions<SocketTransportOptions>, VanishedClients>();
        builder.Services.AddProblemDetails();
        builder.Services.AddSingleton<DeliveryMetrics>();
        builder.Services.AddSupervised<DeliverySpans>("delivery-spans", HealthStatus.Degraded);
        builder.Services.AddSingleton<TopicHub>();
        builder.Services.AddSupervised<ConnectionRegistry>("connections");
        builder.Services.AddSupervised<Reconciler>("reconciler");
        builder.Services.AddHostedService<DrainService>();
        builder.Services.AddHealthChecks().AddCheck<DrainHealthCheck>("draining");
        builder.Services.AddSingleton<StreamAdmission>();
        if (OperatingSystem.IsLinux() && builder.Configuration.GetValue("Sse:DirectSockets", true))
        {
            builder.Services.AddSingleton<SocketWatch>();
            builder.Services.AddSingleton<IConnectionListenerFactory, DirectTransportFactory>();
        }
    }

    /// <summary>The API of the contract.</summary>
    public static void MapApi(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapStreams();
        app.MapPublish();
        app.MapStats();
        app.MapSocial();
    }
}

/// <summary>Takes a stopping replica out of the load balancer's rotation.</summary>
internal sealed class DrainHealthCheck(ConnectionRegistry connections) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(connections.IsDraining ? HealthCheckResult.Unhealthy("The replica is stopping.") : HealthCheckResult.Healthy());
}
