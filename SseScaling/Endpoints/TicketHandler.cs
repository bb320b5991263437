using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using SseScaling.Authorization;

namespace SseScaling.Endpoints;

/// <summary>The scheme of one-time tickets. They open streams and nothing else.</summary>
internal sealed class TicketHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Tickets tickets)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private IResult? _problem;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.GetEndpoint()?.Metadata.GetMetadata<TakesTickets>() is null || (string?)Request.Query[SseTicketDefaults.Parameter] is not { Length: > 0 } text)
            return AuthenticateResult.NoResult();
        try
        {
            if (await tickets.RedeemAsync(text, Context.RequestAborted) is { } ticket)
            {
                // Not by the ticket's properties: where a policy asks several schemes, those are lost.
                Context.Features.Set(Tickets.TopicsOf(ticket));
                return AuthenticateResult.Success(ticket);
            }

            _problem = Problems.Unauthorized($"The ticket is none, was used before, or is older than {Tickets.Life.TotalSeconds} s: get another.");
            return AuthenticateResult.Fail("No ticket, or no more.");
        }
        catch (SseUnavailableException e)
        {
            _problem = Problems.Unavailable(Context, e.Message, e.RetryAfter);
            return AuthenticateResult.Fail(e);
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        (_problem ?? Problems.Unauthorized("The right by which the ticket was given has ended: sign in again.")).ExecuteAsync(Context);
}

/// <summary>Marks the endpoints that tickets open.</summary>
internal sealed class TakesTickets;
