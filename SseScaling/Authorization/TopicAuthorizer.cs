using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;

namespace SseScaling.Authorization;

/// <summary>Rights by claims, and by the application's authorization handlers.</summary>
/// <param name="services">Of the request.</param>
internal sealed class TopicAuthorizer(IServiceProvider services) : ISseTopicAuthorizer
{
    private const string SubscribeClaim = "sse_sub";
    private const string PublishClaim = "sse_pub";

    public async ValueTask<bool> IsAllowedAsync(
        ClaimsPrincipal user, string topic, OperationAuthorizationRequirement operation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(user);
        var type = operation == SseOperations.Publish ? PublishClaim : SubscribeClaim;
        // A token without a valid signature makes no principal that is authenticated.
        if (user.Identity is { IsAuthenticated: true } && user.FindAll(type).Any(claim => TopicPattern.Means(claim.Value, topic)))
            return true;
        return services.GetService<IAuthorizationService>() is { } authorization
            && (await authorization.AuthorizeAsync(user, new SseTopic(topic), operation)).Succeeded;
    }
}
