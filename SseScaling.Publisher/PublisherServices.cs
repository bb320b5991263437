using System.Security.Cryptography;
using SseScaling.Hosting;
using SseScaling.Publisher.Publishing;
using SseScaling.Publisher.Social;
using SseScaling.Publisher.Telemetry;
using SseScaling.Publisher.Traffic;

namespace SseScaling.Publisher;

/// <summary>Registers the publisher's parts.</summary>
public static class PublisherServices
{
    /// <summary>Adds everything but the <see cref="ISsePublisher"/>; the worker starts with the host.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">Checked options.</param>
    public static IServiceCollection AddPublisher(this IServiceCollection services, PublisherOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.AddSingleton<TrafficControl>();
        services.AddSingleton<PublisherMetrics>();
        services.AddSingleton(provider => CreateGraph(options, provider.GetRequiredService<ILogger<FollowerGraph>>()));
        services.AddSingleton(_ => new EventBatch(options, run: RandomNumberGenerator.GetHexString(8, lowercase: true)));
        services.AddSingleton(provider => new TrafficSource(
            provider.GetRequiredService<FollowerGraph>(),
            provider.GetRequiredService<TrafficControl>(),
            provider.GetRequiredService<TimeProvider>(),
            options.Seed));
        services.AddSupervised<PublishingWorker>("publishing");
        return services;
    }

    private static FollowerGraph CreateGraph(PublisherOptions options, ILogger log)
    {
        var graph = FollowerGraph.Create(options.Users, options.FollowsPerUser, options.Seed);
        var mostFollowers = graph.FollowersOf(graph.AuthorByPopularity(0)).Length;
        log.GraphMade(graph.Users, graph.Edges, mostFollowers, options.Seed);
        return graph;
    }
}
