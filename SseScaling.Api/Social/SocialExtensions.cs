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
        services.AddSingleton<FanOut>();
        if (builder.UsesRedis())
            services.AddSingleton<ISocialStore, RedisSocialStore>();
        else
            services.AddSingleton<ISocialStore, MemorySocialStore>();
    }
}
