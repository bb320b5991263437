using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using SseScaling.Api.Http;
using SseScaling.Api.Social;

namespace SseScaling.Api.Access;

/// <summary>Who may do what: everybody everything where access is open, else whoever is signed in what is theirs.</summary>
/// <param name="isOpen">Whether nobody needs to be signed in: in Development without a scheme, or with <c>Sse:AllowAnonymous</c>.</param>
internal sealed class AccessRules(bool isOpen)
{
    /// <summary>May see the whole system: figures, presence, the monitor, every topic; may stop replicas where that is possible. A value of the claim <c>role</c>.</summary>
    public const string Operator = "operator";

    /// <summary>May act for every user. A value of the claim <c>role</c>.</summary>
    public const string ActAs = "act-as";

    private const string Role = "role";

    public bool IsOpen => isOpen;

    /// <summary>Whether the request's user may act for a user.</summary>
    public bool MayActFor(ClaimsPrincipal principal, string user) => isOpen || IdOf(principal) == user || Has(principal, ActAs);

    /// <summary>Whether somebody is an operator.</summary>
    public static bool IsOperator(ClaimsPrincipal principal) => Has(principal, Operator);

    /// <summary>The user who is signed in; null: nobody.</summary>
    public static string? IdOf(ClaimsPrincipal principal) => principal.FindFirstValue("sub");

    private static bool Has(ClaimsPrincipal principal, string role) => principal.HasClaim(Role, role);
}

/// <summary>What the rules require of endpoints. Without more, an endpoint wants somebody who is signed in.</summary>
internal static class AccessConventions
{
    /// <summary>Wants an operator.</summary>
    public static TBuilder RequireOperator<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.UnlessOpen(endpoint => endpoint.Metadata.Add(new AuthorizeAttribute(AccessRules.Operator)));

    /// <summary>Wants the user whom a route value names.</summary>
    public static TBuilder RequireUser<TBuilder>(this TBuilder endpoints, string parameter)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(async (call, next) =>
        {
            var context = call.HttpContext;
            var rules = context.RequestServices.GetRequiredService<AccessRules>();
            return context.Request.RouteValues[parameter] is string user && !rules.MayActFor(context.User, user) ? Problems.NotYours(user) : await next(call);
        });

    private static TBuilder UnlessOpen<TBuilder>(this TBuilder endpoints, Action<EndpointBuilder> convention)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Add(endpoint =>
        {
            if (!endpoint.ApplicationServices.GetRequiredService<AccessRules>().IsOpen)
                convention(endpoint);
        });
        return endpoints;
    }
}

/// <summary>A user may listen to the own topic; an operator to every topic.</summary>
internal sealed class OwnTopics : AuthorizationHandler<OperationAuthorizationRequirement, SseTopic>
{
    protected override Task HandleRequirementAsync(
        AuthorizationHandlerContext context, OperationAuthorizationRequirement requirement, SseTopic resource)
    {
        if (requirement == SseOperations.Subscribe
            && (AccessRules.IsOperator(context.User) || (AccessRules.IdOf(context.User) is { } user && resource.Name == SocialTopics.OfUser(user))))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
