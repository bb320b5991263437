using Aspire.Hosting.ApplicationModel;
using LocalAspire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Lets a registered health check count for a resource.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="key">The name under which the check is registered.</param>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key) where T : IResource =>
        builder.WithAnnotation(new HealthCheckAnnotation(key));

    /// <summary>Asks an HTTP endpoint how the resource is.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path of the request; null: /.</param>
    /// <param name="statusCode">The status that means healthy; null: 200.</param>
    /// <param name="endpointName">The endpoint; null: the first HTTP endpoint.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = endpointName is null ? builder.Resource.GetHttpEndpoint() : builder.GetEndpoint(endpointName);
        path ??= "/";
        statusCode ??= 200;
        var key = $"{builder.Resource.Name}_{endpoint.EndpointName}_{path}_{statusCode}_check";
        builder.ApplicationBuilder.Services.AddHttpClient();
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key, services => new HttpHealthCheck(services.GetRequiredService<IHttpClientFactory>(), endpoint, path, statusCode.Value), null, null));
        return builder.WithHealthCheck(key);
    }
}
