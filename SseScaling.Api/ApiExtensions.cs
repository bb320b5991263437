using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SseScaling.Api.Delivery;
using SseScaling.Api.DirectSockets;
using SseScaling.Api.Http;
using SseScaling.Api.Hub;
using SseScaling.Api.Social;
using SseScaling.Api.Telemetry;

namespace SseScaling.Api;

/// <summary>Puts the replica together.</summary>
internal static class ApiExtensions
{
    /// <summary>Topics, their subscribers, and the clients' streams.</summary>
    public static void AddDelivery(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<DeliveryOptions>()
            .BindConfiguration(DeliveryOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddProblemDetails();
        builder.Services.AddSingleton<DeliveryMetrics>();
        builder.Services.AddSingleton<DeliverySpans>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DeliverySpans>());
        builder.Services.AddSingleton<TopicHub>();
        builder.Services.AddSingleton<ConnectionRegistry>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ConnectionRegistry>());
        builder.Services.AddHostedService<Reconciler>();
        builder.Services.AddHostedService<DrainService>();
        builder.Services.AddHealthChecks().AddCheck<DrainHealthCheck>("draining");
        if (OperatingSystem.IsLinux() && builder.Configuration.GetValue($"{DeliveryOptions.Section}:{nameof(DeliveryOptions.DirectSockets)}", true))
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
