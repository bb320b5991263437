using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SseScaling.Api.Access;
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
                app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], file.ServeAsync).AllowAnonymous().ExcludeFromDescription();
        }

        app.MapGet("/api/stats/history", History)
            .RequireOperator()
            .WithTags("Figures").WithName("StatsHistory").WithSummary("The cluster's figures of the last 15 minutes")
            .WithDescription("A point every five seconds, oldest first.");
        if (app.ServiceProvider.GetRequiredService<ReplicaStop>().IsAllowed)
        {
            app.MapPost("/api/demo/stop", StopAsync)
                .RequireOperator()
                .WithTags("Demo").WithName("StopReplica").WithSummary("Has a replica stop")
                .WithDescription("It drains and ends, as its host would have it. Mapped only where Demo:CanStopReplicas allows it.")
                .WithBody(StopRequest.Form)
                .ProducesProblem(StatusCodes.Status409Conflict)
                .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static Ok<IReadOnlyList<ClusterPoint>> History(ClusterHistory history) => TypedResults.Ok(history.Points());

    private static async Task<Results<NoContent, ProblemHttpResult>> StopAsync(StopRequest request, ReplicaStop replicas)
    {
        // The serializer leaves out what the body leaves out.
        if (request.Instance is null)
            return Problems.BadRequest("The field 'instance' is missing: name the replica that shall stop.");
        return await replicas.StopAsync(request.Instance) is { } problem ? Problems.Conflict(problem) : TypedResults.NoContent();
    }
}

/// <summary>The body of <c>POST /api/demo/stop</c>.</summary>
/// <param name="Instance">The replica that shall stop.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record StopRequest(string Instance)
{
    public static readonly BodyForm Form = new("The replica that shall stop is an object", """{"instance":"api-2"}""", ["instance"]);
}
