using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Polly;
using SseScaling.Authorization;
using SseScaling.Backplane;
using SseScaling.Cluster;
using SseScaling.Hosting;
using SseScaling.Redis;
using SseScaling.Telemetry;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts Redis behind Server-Sent Events: it carries and keeps the events, so that the streams of all processes on the same Redis get them.</summary>
/// <remarks>
/// <para>
/// The process starts without Redis and serves as soon as it is there; the health checks <c>redis</c> and <c>redis-link</c> say whether it is. A connection that hangs
/// is replaced, see <see cref="SseRedisOptions.WatchdogFailures"/>. The last call of these counts: a test may name another Redis than the application did.
/// </para>
/// <para>
/// Whatever a connection string or <see cref="ConfigurationOptions"/> say of them, these are set, since the backplane relies on them: <c>abortConnect=false</c> (it
/// starts without Redis), a reconnect each second, <see cref="BacklogPolicy.FailFast"/> (nothing that waited for the link runs late), no tie breaker, <c>protocol=resp2</c>
/// (what is published never fills the way of the answers), <c>asyncTimeout</c> and <c>syncTimeout</c> (<see cref="SseRedisOptions.Timeout"/>). A name and a logger
/// are given to a connection that has none. A <c>channelPrefix</c> or a proxy stop the start with a sentence.
/// </para>
/// </remarks>
public static class SseRedisBuilderExtensions
{
    /// <summary>Connects as a connection string of the configuration says; one that is missing or wrong stops the start with a sentence.</summary>
    /// <param name="builder">What <c>AddSse</c> or <c>AddSsePublisher</c> began.</param>
    /// <param name="connectionName">Name of the connection string, <c>ConnectionStrings:…</c>.</param>
    /// <param name="configure">Changes options after the configuration section <c>Sse:Redis</c>.</param>
    public static ISseBuilder AddRedis(this ISseBuilder builder, string connectionName, Action<SseRedisOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionName);
        return builder.Add(services => RedisConnector.ByName(services, connectionName), configure);
    }

    /// <summary>Connects as options say: for certificates, tokens and all else that a connection string cannot hold.</summary>
    /// <param name="builder">What <c>AddSse</c> or <c>AddSsePublisher</c> began.</param>
    /// <param name="configuration">The options, of which a copy is used.</param>
    /// <param name="configure">Changes options after the configuration section <c>Sse:Redis</c>.</param>
    public static ISseBuilder AddRedis(this ISseBuilder builder, ConfigurationOptions configuration, Action<SseRedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var copy = configuration.Clone();
        return builder.Add(services => RedisConnector.By(services, copy), configure);
    }

    /// <inheritdoc cref="AddRedis(ISseBuilder, Func{IServiceProvider, IConnectionMultiplexer}, Action{SseRedisOptions}?)"/>
    /// <param name="builder">What <c>AddSse</c> or <c>AddSsePublisher</c> began.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="configure">Changes options after the configuration section <c>Sse:Redis</c>.</param>
    public static ISseBuilder AddRedis(this ISseBuilder builder, IConnectionMultiplexer connection, Action<SseRedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return builder.AddRedis(_ => connection, configure);
    }

    /// <summary>Uses a connection of the application's.</summary>
    /// <remarks>
    /// It is never closed here, and keeps its settings: make it with those of the class's remarks, so that an outage is told at once rather than after a time-out.
    /// Channels that are named like topics are this library's. When it hangs it is left alone, and one of the library's own serves from then on, made from
    /// <see cref="IConnectionMultiplexer.Configuration"/>; what that text does not hold, such as a certificate, needs the form with <see cref="ConfigurationOptions"/>.
    /// </remarks>
    /// <param name="builder">What <c>AddSse</c> or <c>AddSsePublisher</c> began.</param>
    /// <param name="factory">
    /// Finds the connection, once, while the host starts. The start waits for it, and stops with what it throws: to start without Redis, it connects with <c>abortConnect=false</c>.
    /// </param>
    /// <param name="configure">Changes options after the configuration section <c>Sse:Redis</c>.</param>
    public static ISseBuilder AddRedis(
        this ISseBuilder builder, Func<IServiceProvider, IConnectionMultiplexer> factory, Action<SseRedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return builder.Add(services => RedisConnector.Sharing(services, factory), configure);
    }

    private static ISseBuilder Add(this ISseBuilder builder, Func<IServiceProvider, RedisConnector> connector, Action<SseRedisOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var isFirst = !services.Any(service => service.ServiceType == typeof(RedisConnector));
        services.Replace(ServiceDescriptor.Singleton(connector));
        var options = services.AddOptions<SseRedisOptions>();
        if (isFirst)
        {
            options.BindConfiguration(SseRedisOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            AddParts(services);
        }

        options.Configure(configure ?? (_ => { }));
        return builder;
    }

    private static void AddParts(IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<SseRedisOptions>>(provider => provider.GetRequiredService<RedisConnector>());
        services.AddResiliencePipelineRegistry<string>();
        services.AddSingleton<RedisPipelines>();
        services.AddSingleton(provider => new RedisLink(
            provider.GetRequiredService<IOptions<SseRedisOptions>>(), provider.GetRequiredService<PublishingMetrics>(), provider.GetRequiredService<Supervision>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RedisLink>>()));
        services.AddSingleton<RedisProbe>();
        services.AddSingleton<TopicSubscriptions>();
        // What stops takes its leave of the others through it.
        services.AddSupervised<RedisWatchdog>("redis-link", outlivesOthers: true);
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<EventHistory>();
        services.Replace(ServiceDescriptor.Singleton<IBackplane, RedisBackplane>());
        services.Replace(ServiceDescriptor.Singleton<IRevocationStore, RedisRevocationStore>());
        services.Replace(ServiceDescriptor.Singleton<ITicketStore, RedisTicketStore>());

        // A process that only publishes is no replica.
        if (services.Any(service => service.ServiceType == typeof(IReplicaReports)))
        {
            services.Replace(ServiceDescriptor.Singleton<IReplicaReports, RedisReplicaReports>());
            services.Replace(ServiceDescriptor.Singleton<IStreamRegister, RedisStreamRegister>());
        }

        services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
    }
}
