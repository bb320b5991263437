using Microsoft.AspNetCore.Authorization.Infrastructure;

namespace SseScaling;

/// <summary>What somebody may do with a topic: requirements for handlers of ASP.NET Core's authorization, whose resource is an <see cref="SseTopic"/>.</summary>
/// <example>
/// <code>
/// class OrdersOfCustomers(Orders orders) : AuthorizationHandler&lt;OperationAuthorizationRequirement, SseTopic&gt;
/// {
///     protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, OperationAuthorizationRequirement operation, SseTopic topic)
///     {
///         if (operation == SseOperations.Subscribe &amp;&amp; await orders.IsOwnerAsync(context.User, topic.Name))
///             context.Succeed(operation);
///     }
/// }
/// </code>
/// </example>
public static class SseOperations
{
    /// <summary>Listening to a topic that the client names.</summary>
    public static OperationAuthorizationRequirement Subscribe { get; } = new() { Name = "Subscribe" };

    /// <summary>Publishing on a topic by <c>MapSsePublish</c>.</summary>
    public static OperationAuthorizationRequirement Publish { get; } = new() { Name = "Publish" };
}

/// <summary>A topic as the resource of an authorization.</summary>
/// <param name="Name">Its name.</param>
public sealed record SseTopic(string Name);
