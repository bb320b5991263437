using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using SseScaling.Authorization;
using SseScaling.Protocol;

namespace SseScaling.Endpoints;

/// <summary>The handler behind <c>MapSseTicket</c>.</summary>
internal static class TicketEndpoint
{
    public static async Task<IResult> ServeAsync(HttpContext context, Tickets tickets, TopicRights rights, IOptions<SseOptions> options, string[] topics)
    {
        if (topics.Length > TopicName.MaxPerStream)
            return Problems.BadRequest($"A stream has at most {TopicName.MaxPerStream} topics: get several tickets.");
        if (topics.Select(TopicName.Problem).FirstOrDefault(problem => problem is not null) is { } wrong)
            return Problems.BadRequest(wrong);
        var right = rights.Of(context);
        var problem = right is null ? RightProblem.Anonymous : await rights.CheckAsync(context, right, topics, SseOperations.Subscribe);
        if (await RightRefusal.OfAsync(context, problem, SseOperations.Subscribe, options.Value) is { } refused)
            return refused;
        var caller = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Ticket ?? new AuthenticationTicket(context.User, "");
        try
        {
            if (await tickets.IssueAsync(caller, topics, context.RequestAborted) is not { } ticket)
                return Problems.BadRequest($"The ticket would have more than {Tickets.MaxLength} characters, too many for a URL: name fewer topics, or give the token fewer claims.");
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.Json(new TicketAnswer(ticket, (int)Tickets.Life.TotalSeconds), TicketJson.Default.TicketAnswer);
        }
        catch (SseUnavailableException e)
        {
            return Problems.Unavailable(context, e.Message, e.RetryAfter);
        }
    }
}

/// <summary>What a page gets.</summary>
/// <param name="Ticket">For the parameter <c>ticket</c> of a stream's URL.</param>
/// <param name="ExpiresInSeconds">How long it can be used.</param>
internal sealed record TicketAnswer(string Ticket, int ExpiresInSeconds);

/// <summary>How it is written, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TicketAnswer))]
internal sealed partial class TicketJson : JsonSerializerContext;
