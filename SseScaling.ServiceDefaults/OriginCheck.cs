using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Keeps other sites' pages from changing anything: a browser sends cookies, and reaches loopback, for whatever page asks it to. A request that may change something
/// (not GET, HEAD, OPTIONS, TRACE) and comes from a page must come from a page of this origin, or of one that is allowed; else the answer is 403.
/// </summary>
/// <remarks>
/// Browsers say where a request comes from by <c>Sec-Fetch-Site</c> and <c>Origin</c>, which pages cannot change. Requests without either come from no page. Other sites' reading is
/// for CORS to forbid, which is the default; a name that was rebound to this address is refused by host filtering (<c>AllowedHosts</c>).
/// </remarks>
public static class OriginCheck
{
    /// <summary>Adds the check. Before authentication: it asks nobody who they are.</summary>
    /// <param name="app">The application.</param>
    /// <param name="allowed">Other origins whose pages may, e.g. <c>https://app.example</c>.</param>
    public static WebApplication UseOriginCheck(this WebApplication app, params IEnumerable<string> allowed)
    {
        var origins = allowed.ToHashSet(StringComparer.OrdinalIgnoreCase);
        app.Use((context, next) => IsAllowed(context.Request, origins) ? next(context) : RefuseAsync(context));
        return app;
    }

    private static bool IsAllowed(HttpRequest request, HashSet<string> origins)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) || HttpMethods.IsTrace(request.Method))
            return true;
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && origins.Contains(origin))
            return true;
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
            return site is "same-origin" or "none";

        // The scheme is a proxy's matter: behind one, this host speaks plaintext.
        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        var problem = new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = { Status = StatusCodes.Status403Forbidden, Detail = "The request comes from another site's page: send it from a page of this origin, or allow the other's." },
        };
        if (context.RequestServices.GetService<IProblemDetailsService>() is { } problems)
            await problems.TryWriteAsync(problem);
    }
}
