using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace SseScaling.Api.Http;

/// <summary>The API's description (<c>/openapi/v1.json</c>) and the page that shows it (<c>/scalar</c>); both in Development only.</summary>
internal static class OpenApi
{
    // Nothing leaves this origin; the page writes its own styles and starts by a script that stands in it.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly string[] Tags = ["Streams", "Publishing", "Posts", "Followers", "Interests", "Muted authors", "Presence", "Figures", "Session", "Demo"];

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "SseScaling";
            document.Info.Description =
                "Server-Sent Events from several replicas over Redis, and the social network that makes the load. Errors are problem details (RFC 9457), each with a sentence that says what to do.";
            // Those that are used now, in the order of the page.
            var used = document.Paths.Values.SelectMany(path => path.Operations!.Values).SelectMany(operation => operation.Tags!).Select(tag => tag.Name);
            document.Tags = used.Distinct().OrderBy(tag => Array.IndexOf(Tags, tag)).Select(tag => new OpenApiTag { Name = tag }).ToHashSet();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer<StreamDescription>();
        options.AddOperationTransformer<PublishDescription>();
        options.AddOperationTransformer<OperationDescription>();
    });

    public static void MapApiDescription(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
            return;
        app.MapOpenApi().AllowAnonymous();
        app.MapScalarApiReference(options => options
                .WithTitle("SseScaling")
                // What the page would load from, send or lead to elsewhere.
                .DisableDefaultFonts()
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp()
                .HideDeveloperTools()
                .HideClientButton())
            .AllowAnonymous()
            .AddEndpointFilter((call, next) =>
            {
                call.HttpContext.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
                return next(call);
            });
    }
}
