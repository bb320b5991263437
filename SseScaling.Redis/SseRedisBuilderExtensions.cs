using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Polly;
using SseScaling.Backplane;
using SseScaling.Cluster;
using SseScaling.Hosting;
using SseScaling.Redis;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts Redis behind Server-Sent Events.</summary>
public static class SseRedisBuilderExtensions
{
    /// <summary>
    /// Has Redis carry and keep the events, so that the streams of all processes on the same Redis get them. Starts without Redis and serves as soon as it is there;
    /// the health check <c>redis</c> says whether it is.
    /// </summary>
    /// <param name="builder">What <c>AddSse</c> began.</param>
    /// <param name="connectionName">Name of the connection string, <c>ConnectionStrings:…</c>.</param>
    public static ISseBuilder AddRedis(this ISseBuilder builder, string connectionName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<SseRedisOptions>().BindConfiguration(SseRedisOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        // Else the link would try it for ever.
        services.AddSingleton<IValidateOptions<SseRedisOptions>>(provider =>
        {
            var failure = FailureOf(provider.GetRequiredService<IConfiguration>().GetConnectionString(connectionName));
            return new ValidateOptions<SseRedisOptions>(null, _ => failure is null, $"ConnectionStrings:{connectionName} is none of Redis: {failure}");
        });
        services.AddSingleton<RedisConnectionSettings>();
        services.TryAddSingleton<IConnectionMultiplexer>(provider =>
        {
            var options = ConfigurationOptions.Parse(provider.GetRequiredService<IConfiguration>().GetConnectionString(connectionName)!);
            var host = provider.GetRequiredService<IHostEnvironment>();
            provider.GetRequiredService<RedisConnectionSettings>().Apply(options, Options(provider), $"{host.ApplicationName}@{Environment.MachineName}");
            return ConnectionMultiplexer.Connect(options);
        });

        // The link writes one line when Redis is lost and one when it is back; Polly would write one for each attempt.
        services.AddLogging(logging => logging.AddFilter("Polly", LogLevel.None));
        services.AddResiliencePipeline(PublishPipeline.Name, (pipeline, context) => PublishPipeline.Configure(pipeline, Options(context.ServiceProvider)));
        services.AddResiliencePipeline(SubscribePipeline.Name, (pipeline, context) => SubscribePipeline.Configure(pipeline, Options(context.ServiceProvider)));
        // What stops takes its leave of the others through it.
        services.AddSupervised<RedisLink>("redis-link", outlivesOthers: true);
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<EventHistory>();
        services.AddSingleton<TopicSubscriptions>();
        services.Replace(ServiceDescriptor.Singleton<IBackplane, RedisBackplane>());

        // A process that only publishes is no replica.
        if (services.Any(service => service.ServiceType == typeof(IReplicaReports)))
        {
            services.Replace(ServiceDescriptor.Singleton<IReplicaReports, RedisReplicaReports>());
            services.Replace(ServiceDescriptor.Singleton<IStreamRegister, RedisStreamRegister>());
        }

        services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
        return builder;
    }

    private static SseRedisOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<SseRedisOptions>>().Value;

    private static string? FailureOf(string? connectionString)
    {
        try
        {
            ConfigurationOptions.Parse(connectionString ?? "");
            return null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return e.Message;
        }
    }
}
