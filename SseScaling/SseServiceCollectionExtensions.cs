using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SseScaling;
using SseScaling.Authorization;
using SseScaling.Backplane;
using SseScaling.Cluster;
using SseScaling.Connections;
using SseScaling.Endpoints;
using SseScaling.Hosting;
using SseScaling.Sockets;
using SseScaling.Subscribing;
using SseScaling.Telemetry;
using SseScaling.Topics;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Server-Sent Events.</summary>
public static class SseServiceCollectionExtensions
{
    // For what stops after the streams: requests, Redis, what telemetry has left to send.
    private static readonly TimeSpan AfterDrain = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Adds what streams and publishing need, in the memory of this process; a package such as SseScaling.Redis puts another backplane in its place. The options are
    /// those of the configuration section <c>Sse</c>, and then <paramref name="configure"/>'s; what is out of range stops the start with a sentence.
    /// </summary>
    public static ISseBuilder AddSse(this IServiceCollection services, Action<SseOptions>? configure = null)
    {
        var builder = services.AddSsePublisher(configure);
        // The host would cut a longer drain off at its own limit.
        services.AddOptions<HostOptions>().PostConfigure<IOptions<SseOptions>>((host, sse) =>
        {
            var needed = sse.Value.DrainWindow + AfterDrain;
            if (host.ShutdownTimeout < needed)
                host.ShutdownTimeout = needed;
        });
        services.AddOptions<SseOptions>().Validate(
            _ => DescriptorBudget.Limit >= DescriptorBudget.Least,
            $"The process may open {DescriptorBudget.Limit} files, which leaves no room for clients: allow at least {DescriptorBudget.Least} (ulimit -n, LimitNOFILE=).");
        services.AddSingleton<IConfigureOptions<SocketTransportOptions>, VanishedClients>();
        services.AddProblemDetails();
        services.TryAddSingleton<DeliveryMetrics>();
        services.AddSupervised<DeliverySpans>("delivery-spans", HealthStatus.Degraded);
        services.TryAddSingleton<TopicRegistry>();
        services.TryAddSingleton<AddressPlaces>();
        services.AddSupervised<ConnectionRegistry>("connections");
        services.AddSupervised<OpenStreams>("open-streams");
        services.AddSupervised<Reconciler>("reconciler");
        services.TryAddSingleton<StreamAdmission>();
        services.TryAddSingleton<RefreshEndpoint>();
        services.TryAddSingleton<ISseSubscriber, TopicSubscriber>();
        services.TryAddSingleton<ReplicaName>();
        services.TryAddSingleton<ReplicaFigures>();
        services.TryAddSingleton<IReplicaReports, NoOtherReplicas>();
        services.AddSupervised<ReplicaDirectory>("replica-directory", HealthStatus.Degraded);
        services.TryAddSingleton<StreamActions>();
        services.AddSupervised<ControlChannel>("control-channel", HealthStatus.Degraded);
        services.TryAddSingleton<IStreamRegister, MemoryStreamRegister>();
        services.AddSupervised<StreamTracker>("stream-tracker", HealthStatus.Degraded);
        services.TryAddSingleton<ISseConnections, ClusterConnections>();
        services.TryAddSingleton<StreamHooks>();
        services.AddHostedService(provider => provider.GetRequiredService<StreamHooks>());
        services.AddHealthChecks().AddCheck<DrainHealthCheck>("draining");
        if (OperatingSystem.IsLinux())
        {
            services.TryAddSingleton<SocketWatch>();
            services.TryAddSingleton<OrdinaryConnections>();
            services.AddSingleton<IConnectionListenerFactory, DirectTransportFactory>();
        }

        return builder;
    }

    /// <summary>Adds what publishing alone needs, for a process that has no streams.</summary>
    /// <inheritdoc cref="AddSse"/>
    public static ISseBuilder AddSsePublisher(this IServiceCollection services, Action<SseOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<SseOptions>()
            .BindConfiguration(SseOptions.Section)
            .Configure(configure ?? (_ => { }))
            .ValidateDataAnnotations()
            .Validate(options => options.History.PositionIdle >= options.History.Idle, "Sse:History:PositionIdle must not be shorter than Sse:History:Idle.")
            .ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Supervision>();
        services.TryAddSingleton<PublishingMetrics>();
        services.TryAddSingleton<IBackplane, InMemoryBackplane>();
        services.TryAddSingleton<ISsePublisher, BackplanePublisher>();
        services.TryAddSingleton<IRevocationStore, MemoryRevocationStore>();
        services.TryAddSingleton<ITicketStore, MemoryTicketStore>();
        services.AddSupervised<Revocations>("revocations", HealthStatus.Degraded);
        services.TryAddSingleton<TopicRights>();
        services.TryAddTransient<ISseTopicAuthorizer, TopicAuthorizer>();
        return new SseBuilder(services);
    }

    private sealed record SseBuilder(IServiceCollection Services) : ISseBuilder;
}
