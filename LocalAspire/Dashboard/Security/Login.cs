using LocalAspire.Dashboard.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LocalAspire.Dashboard.Security;

/// <summary>The login: the link that the AppHost prints sets a cookie; without it a page asks for the token.</summary>
internal static class Login
{
    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login", (HttpContext context, DashboardOptions options, string? t, string? returnUrl) =>
            t is null ? Assets.Page("login.html") : Enter(context, options, t, returnUrl));
    }

    private static IResult Enter(HttpContext context, DashboardOptions options, string token, string? returnUrl)
    {
        if (!AccessControl.AreEqual(token.Trim(), options.BrowserToken))
            return Assets.Page("login.html", StatusCodes.Status401Unauthorized);
        context.Response.Cookies.Append(AccessControl.CookieName(options), AccessControl.CookieValue(options), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            MaxAge = TimeSpan.FromDays(3),
            IsEssential = true,
        });
        return Results.LocalRedirect(IsLocal(returnUrl) ? returnUrl! : "/");
    }

    // A path of this server; "//host" and "/\host" lead elsewhere.
    private static bool IsLocal(string? url) => url is ['/'] or ['/', not ('/' or '\\'), ..] && !url.Any(char.IsControl);
}
