using Microsoft.Extensions.DependencyInjection;
using SseScaling.Connections;
using SseScaling.Hosting;
using SseScaling.Telemetry;
using SseScaling.Topics;

namespace SseScaling.Tests.Model;

/// <summary>What the engine consists of, without a host and its backplane.</summary>
internal static class EngineServices
{
    public static IServiceCollection AddEngine(this IServiceCollection services) => services.AddLogging().AddMetrics().AddOptions()
        .AddSingleton(TimeProvider.System).AddSingleton<Supervision>()
        .AddSingleton<DeliveryMetrics>().AddSingleton<DeliverySpans>()
        .AddSingleton<TopicRegistry>().AddSingleton<AddressPlaces>().AddSingleton<ConnectionRegistry>().AddSingleton<OpenStreams>();
}
