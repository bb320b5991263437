using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LocalAspire.Dashboard.Http;

/// <summary>The pages, with Aspire's addresses. All are one document, whose script shows what its address names.</summary>
internal static class Pages
{
    private static readonly string[] Addresses =
    [
        "/", "/consolelogs", "/consolelogs/resource/{name}", "/structuredlogs", "/structuredlogs/resource/{name}",
        "/traces", "/traces/resource/{name}", "/traces/detail/{traceId}", "/metrics", "/metrics/resource/{name}",
    ];

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        foreach (var address in Addresses)
            routes.MapGet(address, () => Assets.Page("index.html"));
        routes.MapGet("/assets/{name}", (HttpContext context, string name) => Assets.File(context, name));
        routes.MapGet("/favicon.ico", (HttpContext context) => Assets.File(context, "icon.svg"));
        routes.MapGet("/api/application", (DashboardOptions options) => new { name = options.ApplicationName });
    }
}
