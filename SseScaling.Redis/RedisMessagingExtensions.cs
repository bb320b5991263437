using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Polly;
using Polly.DependencyInjection;
using SseScaling;
using SseScaling.Hosting;
using SseScaling.Redis;
using SseScaling.Telemetry;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers the Redis messaging that the API and the publisher share.</summary>
public static class RedisMessagingExtensions
{
    /// <summary>
    /// Adds the watched connection and, on top of it, <see cref="EventPublisher"/>, <see cref="EventHistory"/> and
    /// <see cref="TopicSubscriptions"/>; and the health check <c>redis</c>. Starts without Redis and serves as soon as it is there.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">Name of the connection string.</param>
    public static TBuilder AddRedisMessaging<TBuilder>(this TBuilder builder, string connectionName)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddMessagingOptions();
        // Else the link would try it for ever.
        if (FailureOf(builder.Configuration.GetConnectionString(connectionName)) is { } failure)
            builder.Services.AddOptions<MessagingOptions>().Validate(_ => false, $"ConnectionStrings:{connectionName} is none of Redis: {failure}");
        var settings = new RedisConnectionSettings();
        var limits = builder.Configuration.GetSection(MessagingOptions.Section).Get<MessagingOptions>() ?? new MessagingOptions();
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ =>
        {
            var options = ConfigurationOptions.Parse(builder.Configuration.GetConnectionString(connectionName)!);
            settings.Apply(options, limits, $"{builder.Environment.ApplicationName}@{Environment.MachineName}");
            return ConnectionMultiplexer.Connect(options);
        });

        // The link writes one line when Redis is lost and one when it is back; Polly would write one for each attempt.
        builder.Logging.AddFilter("Polly", LogLevel.None);
        builder.Services.AddResiliencePipeline(PublishPipeline.Name, (pipeline, context) => PublishPipeline.Configure(pipeline, Options(context)));
        builder.Services.AddResiliencePipeline(SubscribePipeline.Name, (pipeline, context) => SubscribePipeline.Configure(pipeline, Options(context)));
        builder.Services.AddSingleton(settings);
        builder.Services.AddSupervised<RedisLink>("redis-link");
        builder.Services.AddSingleton<EventPublisher>();
        builder.Services.AddSingleton<EventHistory>();
        builder.Services.AddSingleton<TopicSubscriptions>();
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
        return builder;
    }

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

    /// <summary>Adds <see cref="MessagingOptions"/>, checked at start, and <see cref="MessagingTelemetry"/>, for either backplane.</summary>
    public static TBuilder AddMessagingOptions<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<MessagingOptions>()
            .BindConfiguration(MessagingOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.CounterIdle >= options.HistoryIdle, "Messaging:CounterIdle must not be shorter than Messaging:HistoryIdle.")
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<MessagingTelemetry>();
        builder.Services.AddMetrics();
        return builder;
    }

    private static MessagingOptions Options(AddResiliencePipelineContext<string> context) =>
        context.ServiceProvider.GetRequiredService<IOptions<MessagingOptions>>().Value;
}
