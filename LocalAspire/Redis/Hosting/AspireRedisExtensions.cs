using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers the Redis client as Aspire.StackExchange.Redis does.</summary>
public static class AspireRedisExtensions
{
    private const string SectionName = "Aspire:StackExchange:Redis";
    private const string HealthCheckName = "StackExchange.Redis";

    /// <summary>
    /// Adds <see cref="IConnectionMultiplexer"/> as a singleton that connects to ConnectionStrings:{connectionName}, and a health check.
    /// Unless the connection string says otherwise, a server that does not answer is tried for ever in the background.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">The connection string's name.</param>
    /// <param name="configureSettings">Changes the settings after they were read from the configuration.</param>
    /// <param name="configureOptions">Changes the connection's options after the connection string was read.</param>
    /// <exception cref="InvalidOperationException">Thrown when the connection is resolved: there is no connection string.</exception>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var settings = ReadSettings(builder.Configuration, connectionName);
        configureSettings?.Invoke(settings);

        builder.Services.AddTransient<IOptionsFactory<ConfigurationOptions>>(services => new OptionsFromConnectionString(
            settings.ConnectionString,
            services.GetServices<IConfigureOptions<ConfigurationOptions>>(),
            services.GetServices<IPostConfigureOptions<ConfigurationOptions>>()));
        builder.Services.Configure<ConfigurationOptions>(options =>
        {
            var section = builder.Configuration.GetSection(SectionName);
            section.GetSection("ConfigurationOptions").Bind(options);
            section.GetSection(connectionName).GetSection("ConfigurationOptions").Bind(options);
            configureOptions?.Invoke(options);
        });
        builder.Services.AddSingleton<IConnectionMultiplexer>(services => Connect(services, connectionName));
        if (!settings.DisableAutoActivation)
            builder.Services.AddHostedService(services => new ConnectAtStart(services));

        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                HealthCheckName, services => new RedisHealthCheck(services), failureStatus: null, tags: null));
        }
    }

    private static StackExchangeRedisSettings ReadSettings(IConfiguration configuration, string connectionName)
    {
        var settings = new StackExchangeRedisSettings();
        var section = configuration.GetSection(SectionName);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ConnectionString = configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        return settings;
    }

    private static ConnectionMultiplexer Connect(IServiceProvider services, string connectionName)
    {
        var options = services.GetRequiredService<IOptions<ConfigurationOptions>>().Value;
        if (options.EndPoints.Count == 0)
        {
            throw new InvalidOperationException(
                $"No endpoints specified. Ensure a valid connection string was provided in 'ConnectionStrings:{connectionName}' or for the '{SectionName}:ConnectionString' configuration key.");
        }

        options.LoggerFactory ??= services.GetService<ILoggerFactory>();
        return ConnectionMultiplexer.Connect(options);
    }

    private sealed class OptionsFromConnectionString(
        string? connectionString,
        IEnumerable<IConfigureOptions<ConfigurationOptions>> setups,
        IEnumerable<IPostConfigureOptions<ConfigurationOptions>> postConfigures)
        : OptionsFactory<ConfigurationOptions>(setups, postConfigures)
    {
        protected override ConfigurationOptions CreateInstance(string name)
        {
            var options = connectionString is null ? new ConfigurationOptions() : ConfigurationOptions.Parse(connectionString);
            options.AbortOnConnectFailDefault = false;
            return options;
        }
    }

    private sealed class ConnectAtStart(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            services.GetRequiredService<IConnectionMultiplexer>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
