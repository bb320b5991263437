using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SseScaling.Cluster;
using SseScaling.Connections;
using SseScaling.Hosting;
using SseScaling.Redis;

namespace SseScaling.Api.Cluster;

/// <summary>Registers what replicas know of each other.</summary>
internal static class ClusterExtensions
{
    /// <summary>The directory of replicas and the limit of streams per user, over Redis where it is the backplane.</summary>
    public static void AddCluster(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ReplicaName>();
        services.AddSingleton<ReplicaFigures>();
        services.AddSupervised<ReplicaDirectory>("replica-directory", HealthStatus.Degraded);
        services.AddSingleton<UserLimit>();
        services.AddSingleton<ReplicaStop>();
        services.AddSupervised<ClusterWiring>("control-messages", HealthStatus.Degraded);
        if (builder.UsesRedis())
        {
            services.AddSingleton<IReplicaReports, RedisReplicaReports>();
            services.AddSingleton<IUserStreams, RedisUserStreams>();
            services.AddSingleton<ControlMessages>();
        }
        else
        {
            services.AddSingleton<IReplicaReports, NoOtherReplicas>();
            services.AddSingleton<IUserStreams, MemoryUserStreams>();
        }
    }
}

/// <summary>Connects the parts that cannot know each other: ended streams leave the users' register, and other replicas are listened to.</summary>
internal sealed class ClusterWiring(ConnectionRegistry connections, UserLimit users, ReplicaName name, IServiceProvider services, Supervision supervision)
    : SupervisedService(supervision)
{
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        connections.StreamEnded += users.Leave;
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (services.GetService<ControlMessages>() is { } messages)
            await services.GetRequiredService<TopicSubscriptions>().SubscribeAsync(RedisKeys.ControlTopic(name.Instance), messages, stoppingToken);
        Worked(Timeout.InfiniteTimeSpan);
        await Task.Delay(Timeout.Infinite, stoppingToken);
    }
}
