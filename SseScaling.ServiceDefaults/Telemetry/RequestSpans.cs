using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace SseScaling.ServiceDefaults.Telemetry;

/// <summary>
/// Names the spans of requests by method and route and adds the status: ASP.NET 10 calls them all HttpRequestIn. Those of health probes
/// are left out: several a minute for each replica, and nobody looks at them.
/// </summary>
internal sealed class RequestSpans : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(DescribeAsync);
        next(app);
    };

    private static Task DescribeAsync(HttpContext context, RequestDelegate next) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { Recorded: true } activity ? DescribeAsync(context, next, activity) : next(context);

    private static async Task DescribeAsync(HttpContext context, RequestDelegate next, Activity activity)
    {
        try
        {
            await next(context);
        }
        finally
        {
            Describe(context, activity);
        }
    }

    private static void Describe(HttpContext context, Activity activity)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        if (route is Health.HealthRoutes.Ready or Health.HealthRoutes.Alive)
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        activity.SetTag("http.route", route).SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            activity.SetStatus(ActivityStatusCode.Error);
    }
}
