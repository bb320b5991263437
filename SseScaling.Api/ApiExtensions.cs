using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SseScaling.Api.Delivery;
using SseScaling.Api.DirectSockets;
using SseScaling.Api.DirectSockets.AtAccept;
using SseScaling.Api.Http;
using SseScaling.Api.Hub;
using SseScaling.Api.Social;
using SseScaling.Api.Telemetry;
using SseScaling.Hosting;

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
        if (OperatingSystem.IsLinux() && Mode(builder.Configuration) != DirectSocketsMode.Off)
        {
            builder.Services.AddSingleton<SocketWatch>();
            builder.Services.AddSingleton<StreamHead>();
            builder.Services.AddSingleton<MiddlewareNeeds>();
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

    /// <exception cref="OptionsValidationException">There is no such mode.</exception>
    private static DirectSocketsMode Mode(IConfiguration configuration)
    {
        try
        {
            return configuration.GetValue<DirectSocketsMode>($"{DeliveryOptions.Section}:{nameof(DeliveryOptions.DirectSockets)}");
        }
        catch (InvalidOperationException e) when (e.InnerException is FormatException mistake)
        {
            throw new OptionsValidationException(DeliveryOptions.Section, typeof(DeliveryOptions), [mistake.Message]);
        }
    }
}

/// <summary>Takes a stopping replica out of the load balancer's rotation.</summary>
internal sealed class DrainHealthCheck(ConnectionRegistry connections) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(connections.IsDraining ? HealthCheckResult.Unhealthy("The replica is stopping.") : HealthCheckResult.Healthy());
}
