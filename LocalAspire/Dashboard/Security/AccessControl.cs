using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace LocalAspire.Dashboard.Security;

/// <summary>
/// Who may ask for what:
/// 1. the port for OTLP takes OTLP, and nothing else does;
/// 2. the login page and the files of the pages are open to all;
/// 3. everything else needs the cookie of a login, or the token in the header x-api-key (for scripts);
/// 4. what changes something must come from a page of this dashboard, or from no page at all.
/// </summary>
internal sealed class AccessControl(RequestDelegate next, DashboardOptions options)
{
    private const string OtlpPath = "/v1";

    // Cookies of localhost are shared by all its ports, so two dashboards must not have the same name for theirs.
    private readonly string _cookieName = CookieName(options);
    private readonly string _cookieValue = CookieValue(options);

    public static string CookieName(DashboardOptions options) => $"localaspire-dashboard-{options.Port}";

    /// <summary>A digest: who reads the cookie does not have the token.</summary>
    public static string CookieValue(DashboardOptions options) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"dashboard cookie {options.BrowserToken}")));

    public static bool AreEqual(string? given, string expected) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));

    public Task InvokeAsync(HttpContext context)
    {
        SetHeaders(context.Response.Headers);
        var request = context.Request;
        var isOtlp = request.Path.StartsWithSegments(OtlpPath, StringComparison.Ordinal);
        if (isOtlp != (context.Connection.LocalPort == options.OtlpPort))
            return Refuse(context, StatusCodes.Status404NotFound, "There is nothing at this address.");
        if (isOtlp)
            return AreEqual(request.Headers["x-otlp-api-key"], options.OtlpApiKey) ? next(context)
                : Refuse(context, StatusCodes.Status401Unauthorized, "Send the API key of this dashboard in the header x-otlp-api-key.");
        if (IsOpen(request.Path))
            return next(context);
        if (!IsLoggedIn(request))
            return request.Path.StartsWithSegments("/api")
                ? Refuse(context, StatusCodes.Status401Unauthorized, "Log in, or send the token that the AppHost printed in the header x-api-key.")
                : Redirect(context, $"/login?returnUrl={Uri.EscapeDataString(request.Path + request.QueryString)}");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && IsFromElsewhere(request))
            return Refuse(context, StatusCodes.Status403Forbidden, "Only a page of this dashboard may do this.");
        return next(context);
    }

    private static bool IsOpen(PathString path) =>
        path.StartsWithSegments("/login") || path.StartsWithSegments("/assets") || path == "/favicon.ico";

    private bool IsLoggedIn(HttpRequest request) => options.IsAnonymousAllowed
        || AreEqual(request.Cookies[_cookieName], _cookieValue)
        || AreEqual(request.Headers["x-api-key"], options.BrowserToken);

    // Another port of localhost is the same site, so the cookie's SameSite does not keep its pages out.
    private static bool IsFromElsewhere(HttpRequest request) =>
        request.Headers.Origin is [{ } origin, ..] && origin != $"{request.Scheme}://{request.Host}";

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
    }

    private static Task Redirect(HttpContext context, string location)
    {
        context.Response.Redirect(location);
        return Task.CompletedTask;
    }

    private static Task Refuse(HttpContext context, int status, string sentence) =>
        TypedResults.Problem(statusCode: status, detail: sentence).ExecuteAsync(context);
}
