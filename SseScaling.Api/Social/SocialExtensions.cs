namespace SseScaling.Api.Social;

/// <summary>Registers the social patterns.</summary>
internal static class SocialExtensions
{
    /// <summary>Followers, posts and wishes, kept in Redis where it is the backplane.</summary>
    public static void AddSocial(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SocialOptions>().BindConfiguration(SocialOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<UserPlans>();
        services.AddSingleton<UserStreams>();
        services.AddHostedService(provider => provider.GetRequiredService<UserStreams>());
        services.AddSingleton<WantedEvents>();
        services.AddSingleton<FanOut>();
        services.AddSingleton<Celebrities>();
        services.AddSingleton<Posts>();
        if (builder.UsesRedis())
        {
            services.AddSingleton<ISocialStore, RedisSocialStore>();
            services.AddSingleton<RedisFanOutQueue>();
            services.AddSingleton<IFanOutQueue>(provider => provider.GetRequiredService<RedisFanOutQueue>());
            services.AddHostedService(provider => provider.GetRequiredService<RedisFanOutQueue>());
            services.AddSingleton<RedisPresence>();
            services.AddSingleton<IPresence>(provider => provider.GetRequiredService<RedisPresence>());
            services.AddHostedService(provider => provider.GetRequiredService<RedisPresence>());
        }
        else
        {
            services.AddSingleton<ISocialStore, MemorySocialStore>();
            services.AddSingleton<MemoryFanOutQueue>();
            services.AddSingleton<IFanOutQueue>(provider => provider.GetRequiredService<MemoryFanOutQueue>());
            services.AddHostedService(provider => provider.GetRequiredService<MemoryFanOutQueue>());
            services.AddSingleton<IPresence, LocalPresence>();
        }
    }
}
