using System.Security.Claims;
using Microsoft.AspNetCore.Authorization.Infrastructure;

namespace SseScaling;

/// <summary>
/// Decides who may listen to a topic that the client names, and who may publish on it. Asked where the application has an authentication scheme: when a stream opens
/// or comes back, when its right is extended, and for each topic of a publishing request. Transient; any thread.
/// </summary>
/// <remarks>
/// By default somebody may whose claims <c>sse_sub</c> (listening) or <c>sse_pub</c> (publishing) name the topic, or a pattern of it (<c>orders:*</c>, <c>*</c>), or for whom a
/// handler of <c>IAuthorizationService</c> succeeds with the requirement <see cref="SseOperations"/> and the resource <see cref="SseTopic"/>. Register another one to replace it.
/// </remarks>
public interface ISseTopicAuthorizer
{
    /// <summary>Whether somebody may.</summary>
    /// <param name="user">Who asks; may be anonymous.</param>
    /// <param name="topic">The topic's name.</param>
    /// <param name="operation">One of <see cref="SseOperations"/>.</param>
    /// <param name="cancellationToken">The client is gone.</param>
    ValueTask<bool> IsAllowedAsync(ClaimsPrincipal user, string topic, OperationAuthorizationRequirement operation, CancellationToken cancellationToken = default);
}
