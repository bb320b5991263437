using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SseScaling;
using SseScaling.Authorization;
using SseScaling.Endpoints;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers one-time tickets.</summary>
public static class SseTicketAuthenticationExtensions
{
    /// <summary>
    /// Adds the scheme <see cref="SseTicketDefaults.AuthenticationScheme"/>: a stream is opened as the user who got its <c>?ticket=</c> from the endpoint of <c>MapSseTicket</c>.
    /// For pages of another origin, whose EventSource can send neither header nor cookie. A ticket opens one stream, within 30 s, and has the life of the token or cookie that
    /// it was got for. It is made by data protection, whose keys all replicas must share.
    /// </summary>
    /// <param name="builder">The application's schemes.</param>
    public static AuthenticationBuilder AddSseTicket(this AuthenticationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddDataProtection();
        builder.Services.TryAddSingleton<Tickets>();
        return builder.AddScheme<AuthenticationSchemeOptions, TicketHandler>(SseTicketDefaults.AuthenticationScheme, null, null);
    }
}
