using Microsoft.Extensions.Diagnostics.HealthChecks;
using SseScaling.Api.Cluster;
using SseScaling.Api.Http;
using SseScaling.Hosting;

namespace SseScaling.Api.Pages;

/// <summary>The demo (<c>/</c>) and the monitor (<c>/monitor</c>), served by every replica itself.</summary>
internal static class PagesExtensions
{
    /// <summary>What feeds the monitor: each replica's reports, and the last 15 minutes.</summary>
    public static void AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<DemoOptions>().BindConfiguration(DemoOptions.Section);
        builder.Services.AddSingleton<ClusterHistory>();
        builder.Services.AddSupervised<MonitorFeed>("monitor-feed", HealthStatus.Degraded);
        builder.Services.AddSupervised<ReplicaStop>("replica-stop", HealthStatus.Degraded);
    }

    /// <summary>
    /// Maps the two pages, their files, <c>GET /api/stats/history</c>, and where it is allowed <c>POST /api/demo/stop</c> <c>{"instance":…}</c>. JSON is what keeps
    /// other sites' forms from it.
    /// </summary>
    public static void MapPages(this IEndpointRouteBuilder app)
    {
        foreach (var file in PageFile.All)
        {
            foreach (var path in file.Paths)
                app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], file.ServeAsync).ExcludeFromDescription();
        }

        if (app.ServiceProvider.GetRequiredService<ReplicaStop>().IsAllowed)
            app.MapPost("/api/demo/stop", StopAsync).WithName("StopReplica");
        app.MapGet("/api/stats/history", (ClusterHistory history) => history.Points()).WithName("StatsHistory");
    }

    private static async Task<IResult> StopAsync(StopRequest request, ReplicaStop replicas, HttpContext context)
    {
        try
        {
            return await replicas.StopAsync(request.Instance) is { } problem ? Problems.Conflict(problem) : Results.NoContent();
        }
        catch (SseUnavailableException e)
        {
            return Problems.Unavailable(context, e.Message, e.RetryAfter);
        }
    }

    /// <param name="Instance">The replica that shall stop.</param>
    private sealed record StopRequest(string Instance);
}
