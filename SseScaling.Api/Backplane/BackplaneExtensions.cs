using Microsoft.Extensions.Diagnostics.HealthChecks;
using SseScaling.Backplane;
using SseScaling.Hosting;
using SseScaling.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers the backplane that the configuration asks for.</summary>
internal static class BackplaneExtensions
{
    private const string ConnectionName = "redis";

    /// <summary>Redis where <c>ConnectionStrings:redis</c> is set, else the memory of this process.</summary>
    public static TBuilder AddBackplane<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        if (builder.UsesRedis())
        {
            builder.AddRedisMessaging(ConnectionName);
            builder.Services.AddSingleton<IBackplane, RedisBackplane>();
            return builder;
        }

        builder.AddMessagingOptions();
        builder.Services.AddSupervised<InMemoryBackplane>("history-expiry", HealthStatus.Degraded);
        builder.Services.AddSingleton<IBackplane>(services => services.GetRequiredService<InMemoryBackplane>());
        return builder;
    }

    /// <summary>Whether the configuration names a Redis.</summary>
    public static bool UsesRedis(this IHostApplicationBuilder builder) =>
        !string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(ConnectionName));
}
