using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SseScaling.Hosting;
using SseScaling.Messaging;
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
        builder.AddRedisClient(
            connectionName,
            client =>
            {
                // The link says how Redis is, from pings that it sends anyway; a span for each of thousands of commands a second helps nobody;
                // and the first connection is made in the background, not before the host has started.
                client.DisableHealthChecks = client.DisableTracing = client.DisableAutoActivation = true;
            },
            options => settings.Apply(options, limits, $"{builder.Environment.ApplicationName}@{Environment.MachineName}"));

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
}
