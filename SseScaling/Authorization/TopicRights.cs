using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.Extensions.Options;
using SseScaling.Connections;
using SseScaling.Hosting;

namespace SseScaling.Authorization;

/// <summary>Who may what, by the request's principal: the same question for a stream that opens, one that comes back, one whose right is extended, and for publishing.</summary>
/// <param name="options">The topics for everybody.</param>
/// <param name="revocations">Rights that ended before their time.</param>
/// <param name="time">The clock.</param>
/// <param name="schemes">The application's authentication schemes; null: it has none.</param>
internal sealed class TopicRights(IOptions<SseOptions> options, Revocations revocations, TimeProvider time, IAuthenticationSchemeProvider? schemes = null)
{
    /// <summary>The right by which a request came; null where nobody is authenticated.</summary>
    public StreamRight? Of(HttpContext context)
    {
        return context.User.Identity is { IsAuthenticated: true }
            ? Of(context.User, context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties, time)
            : null;
    }

    /// <summary>The right of somebody who is authenticated.</summary>
    /// <param name="user">Who.</param>
    /// <param name="properties">What the scheme says of the token or cookie.</param>
    /// <param name="time">The clock.</param>
    public static StreamRight Of(ClaimsPrincipal user, AuthenticationProperties? properties, TimeProvider time)
    {
        var issued = long.TryParse(user.FindFirstValue("iat"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < int.MaxValue * 4L
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : properties?.IssuedUtc;
        return StreamRight.Of(SseStream.UserIdOf(user), user.FindFirstValue("jti"), issued, properties?.ExpiresUtc, time.GetUtcNow(), time.Milliseconds());
    }

    /// <summary>Why a request is refused; <see cref="RightProblem.None"/> when it is not.</summary>
    /// <param name="context">The request.</param>
    /// <param name="right">What <see cref="Of(HttpContext)"/> said.</param>
    /// <param name="topics">The topics that the client names.</param>
    /// <param name="operation">What it wants to do with them.</param>
    public async ValueTask<RightProblem> CheckAsync(
        HttpContext context, StreamRight? right, IReadOnlyCollection<string> topics, OperationAuthorizationRequirement operation)
    {
        if (right is not null)
        {
            if (!await revocations.AreKnownAsync())
                return RightProblem.Unknown;
            if (revocations.Includes(right))
                return RightProblem.Revoked;
            // A scheme may take a token some minutes after its end; a stream would be over before it began.
            if (operation == SseOperations.Subscribe ? right.EndsAt <= time.Milliseconds() : right.ExpiresAt <= time.GetUtcNow())
                return RightProblem.Expired;
        }

        return await FindForbiddenAsync(context, topics, operation) is not { } forbidden ? RightProblem.None
            : right is null ? RightProblem.Anonymous : RightProblem.Forbidden(forbidden);
    }

    /// <summary>The first of some topics on which the request's principal may not do something; null: there is none.</summary>
    public async ValueTask<string?> FindForbiddenAsync(HttpContext context, IEnumerable<string> topics, OperationAuthorizationRequirement operation)
    {
        if (schemes is null || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null || !(await schemes.GetAllSchemesAsync()).Any())
            return null;
        var ticket = context.Features.Get<TicketTopics>();
        ISseTopicAuthorizer? authorizer = null;
        foreach (var topic in topics)
        {
            if (operation == SseOperations.Subscribe && options.Value.PublicTopics.Any(pattern => TopicPattern.Means(pattern, topic)))
                continue;
            if (ticket?.Topics.Contains(topic) == false)
                return topic;
            authorizer ??= context.RequestServices.GetRequiredService<ISseTopicAuthorizer>();
            if (!await authorizer.IsAllowedAsync(context.User, topic, operation, context.RequestAborted))
                return topic;
        }

        return null;
    }
}

/// <summary>Why somebody may not.</summary>
/// <param name="Kind">What kind of reason it is.</param>
/// <param name="Topic">The topic that is forbidden.</param>
internal readonly record struct RightProblem(RightProblemKind Kind, string? Topic = null)
{
    public static RightProblem None => new(RightProblemKind.None);

    public static RightProblem Anonymous => new(RightProblemKind.Anonymous);

    public static RightProblem Expired => new(RightProblemKind.Expired);

    public static RightProblem Revoked => new(RightProblemKind.Revoked);

    public static RightProblem Unknown => new(RightProblemKind.Unknown);

    public static RightProblem Forbidden(string topic) => new(RightProblemKind.Forbidden, topic);
}

/// <summary>Kinds of <see cref="RightProblem"/>.</summary>
internal enum RightProblemKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Nobody is authenticated.</summary>
    Anonymous,

    /// <summary>The right was one, and its time is over.</summary>
    Expired,

    /// <summary>The right was one, and was ended before its time.</summary>
    Revoked,

    /// <summary>Which rights were revoked is not known yet.</summary>
    Unknown,

    /// <summary>Somebody is authenticated, and has not this right.</summary>
    Forbidden,
}
