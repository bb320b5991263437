using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SseScaling.AppHost;

/// <summary>Says in the terminal where to look, once the first replica is healthy: Aspire names the dashboard only.</summary>
internal static partial class ReadyMessage
{
    /// <summary>Prints the addresses of the pages, and how long the start took, when a resource is ready.</summary>
    public static IResourceBuilder<ProjectResource> WithReadyMessage(this IResourceBuilder<ProjectResource> api)
    {
        api.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(api.Resource, (ready, _) =>
        {
            using var process = Process.GetCurrentProcess();
            var seconds = (TimeProvider.System.GetLocalNow().DateTime - process.StartTime).TotalSeconds;
            LogReady(ready.Services.GetRequiredService<ILogger<DistributedApplication>>(), seconds, api.GetEndpoint("http").Url);
            return Task.CompletedTask;
        });
        return api;
    }

    [LoggerMessage(1, LogLevel.Information, """
        Ready after {Seconds:F1} s

              - Demo:     {Api}/
              - Monitor:  {Api}/monitor
              - A stream: curl -N '{Api}/api/notifications?userId=42'

        """)]
    private static partial void LogReady(ILogger logger, double seconds, string api);
}
