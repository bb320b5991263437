using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using SseScaling.Api.Http;

namespace SseScaling.Api.DirectSockets.AtAccept;

/// <summary>Why streams must not pass the middleware by: the application asks for a check or a header that is the middleware's.</summary>
/// <remarks>Middleware of the application's own says nothing of itself and is not found.</remarks>
internal sealed class MiddlewareNeeds(
    EndpointDataSource endpoints,
    IServiceProvider services,
    IOptions<AuthorizationOptions> authorization,
    IOptions<RateLimiterOptions> limits,
    IOptions<HostFilteringOptions> hosts)
{
    /// <summary>The first reason found; null when there is none. Meaningful once the application is built.</summary>
    public string? Find() => OfApplication() ?? StreamRequest.Paths.Select(OfEndpoint).FirstOrDefault(reason => reason is not null);

    private string? OfApplication()
    {
        if (authorization.Value.FallbackPolicy is not null)
            return "authorization has a fallback policy";
        if (services.GetService<ICorsService>() is not null)
            return "CORS is configured";
        if (limits.Value.GlobalLimiter is not null)
            return "requests have a rate limit";
        return hosts.Value.AllowedHosts.All(host => host == "*") ? null : "AllowedHosts names hosts";
    }

    private string? OfEndpoint(string path)
    {
        var mapped = endpoints.Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText == path).ToList();
        return mapped.Count == 0 ? $"{path} is not mapped" : mapped.Select(endpoint => Of(path, endpoint.Metadata)).FirstOrDefault(reason => reason is not null);
    }

    private static string? Of(string path, EndpointMetadataCollection metadata) =>
        metadata.GetMetadata<IAuthorizeData>() is not null || metadata.GetMetadata<IAuthorizationRequirementData>() is not null
            || metadata.GetMetadata<AuthorizationPolicy>() is not null ? $"{path} asks for authorization"
        : metadata.GetMetadata<ICorsMetadata>() is not null ? $"{path} has a CORS policy"
        : metadata.GetMetadata<EnableRateLimitingAttribute>() is not null ? $"{path} has a rate limit"
        : metadata.GetMetadata<IHostMetadata>() is not null ? $"{path} is for some hosts"
        : null;
}
