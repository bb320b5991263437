using SseScaling.Hosting;

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
        services.AddSupervised<UserStreams>("user-streams");
        services.AddSingleton<WantedEvents>();
        services.AddSingleton<FanOut>();
        services.AddSingleton<Celebrities>();
        services.AddSingleton<Posts>();
        if (builder.UsesRedis())
        {
            services.AddSingleton<ISocialStore, RedisSocialStore>();
            services.AddSingleton<IFanOutQueue>(provider => provider.GetRequiredService<RedisFanOutQueue>());
            services.AddSupervised<RedisFanOutQueue>("fan-out");
        }
        else
        {
            services.AddSingleton<ISocialStore, MemorySocialStore>();
            services.AddSingleton<IFanOutQueue>(provider => provider.GetRequiredService<MemoryFanOutQueue>());
            services.AddSupervised<MemoryFanOutQueue>("fan-out");
        }
    }
}
