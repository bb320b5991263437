using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace SseScaling.Authorization;

/// <summary>One-time tickets: who somebody is and which topics a stream may name, protected, for one use.</summary>
internal sealed class Tickets(IDataProtectionProvider protection, ITicketStore store)
{
    /// <summary>How long a ticket can be used.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    /// <summary>What stands in a URL must fit into a request line, which has 8 KiB as a rule, beside the topics.</summary>
    public const int MaxLength = 4096;

    private const string Id = ".sse.id";
    private const string Topics = ".sse.topics";

    // No topic contains it.
    private const char Separator = '\n';

    private readonly IDataProtector _protector = protection.CreateProtector("SseScaling.Ticket.v1");

    /// <summary>Gives a ticket; null where it would be longer than <see cref="MaxLength"/>.</summary>
    /// <param name="caller">Who asked for it, by which token or cookie.</param>
    /// <param name="topics">Those that its stream may name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="SseUnavailableException">The store is away.</exception>
    public async Task<string?> IssueAsync(AuthenticationTicket caller, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var id = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        // Of what the scheme kept, its tokens for example, only the times matter here.
        var properties = new AuthenticationProperties { IssuedUtc = caller.Properties.IssuedUtc, ExpiresUtc = caller.Properties.ExpiresUtc };
        properties.Items[Id] = id;
        properties.Items[Topics] = string.Join(Separator, topics);
        var ticket = WebEncoders.Base64UrlEncode(_protector.Protect(
            TicketSerializer.Default.Serialize(new AuthenticationTicket(caller.Principal, properties, SseTicketDefaults.AuthenticationScheme))));
        if (ticket.Length > MaxLength)
            return null;
        await store.AddAsync(id, Life, cancellationToken);
        return ticket;
    }

    /// <summary>The topics that a ticket was given for.</summary>
    public static TicketTopics TopicsOf(AuthenticationTicket ticket) => new(ticket.Properties.Items[Topics]!.Split(Separator));

    /// <summary>Uses a ticket up; null where it is none, was used, or is too old.</summary>
    /// <exception cref="SseUnavailableException">The store is away.</exception>
    public async Task<AuthenticationTicket?> RedeemAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            return text.Length <= MaxLength
                && TicketSerializer.Default.Deserialize(_protector.Unprotect(WebEncoders.Base64UrlDecode(text))) is { } ticket
                && ticket.Properties.Items.TryGetValue(Id, out var id)
                && await store.TakeAsync(id!, cancellationToken) ? ticket : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>The topics that a stream may name which a ticket opens: a feature of its request.</summary>
internal sealed record TicketTopics(IReadOnlyCollection<string> Topics);
