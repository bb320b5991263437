namespace SseScaling.Api.Pages;

/// <summary>The demo (<c>/</c>) and the monitor (<c>/monitor</c>), served by every replica itself.</summary>
internal static class PagesExtensions
{
    /// <summary>What feeds the monitor: each replica's reports, and the last 15 minutes.</summary>
    public static void AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ClusterHistory>();
        builder.Services.AddHostedService<MonitorFeed>();
    }

    /// <summary>Maps the two pages, their files, and <c>GET /api/stats/history</c>.</summary>
    public static void MapPages(this IEndpointRouteBuilder app)
    {
        foreach (var file in PageFile.All)
        {
            foreach (var path in file.Paths)
                app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], file.ServeAsync).ExcludeFromDescription();
        }

        app.MapGet("/api/stats/history", (ClusterHistory history) => history.Points()).WithName("StatsHistory");
    }
}
