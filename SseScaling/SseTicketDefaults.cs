namespace SseScaling;

/// <summary>Defaults of one-time tickets.</summary>
public static class SseTicketDefaults
{
    /// <summary>The authentication scheme that takes a stream's <c>?ticket=</c>: for a policy's <c>AddAuthenticationSchemes</c>, or a policy scheme's selector.</summary>
    public const string AuthenticationScheme = "SseTicket";

    /// <summary>The parameter of a stream's query that has the ticket.</summary>
    public const string Parameter = "ticket";
}
