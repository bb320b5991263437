using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using SseScaling.Api.Http;

namespace SseScaling.Api.Access;

/// <summary>Authentication, authorization and limits of the API.</summary>
internal static class AccessExtensions
{
    /// <summary>Says aloud that nobody needs to be signed in.</summary>
    public const string AllowAnonymous = "Sse:AllowAnonymous";

    /// <summary>The rate limit of endpoints that publish.</summary>
    public const string Publishing = "publishing";

    /// <summary>The rate limit of streams.</summary>
    public const string Connecting = "connecting";

    private const string Bearer = "Authentication:Schemes:Bearer";
    private const string TokenOrCookie = "token-or-cookie";

    /// <summary>
    /// Adds what is configured: tokens of <c>Authentication:Schemes:Bearer</c>, and cookies that are got for them. Without that, Development is open, on loopback only; anything
    /// else starts only where <c>Sse:AllowAnonymous</c> says that everybody may do everything.
    /// </summary>
    /// <exception cref="OptionsValidationException">Nobody said who may.</exception>
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var isConfigured = builder.Configuration.GetSection(Bearer).GetChildren().Any();
        var isSaidOpen = builder.Configuration.GetValue<bool>(AllowAnonymous);
        var isDevelopment = builder.Environment.IsDevelopment();
        if (!isConfigured && !isSaidOpen && !isDevelopment)
        {
            throw new OptionsValidationException(AllowAnonymous, typeof(AccessOptions),
                ["Nobody has said who may read and publish: configure Authentication:Schemes:Bearer, or set Sse__AllowAnonymous=true to let everybody do everything."]);
        }

        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateDataAnnotations()
            .Validate(
                access => access.Proxies.All(proxy => IPAddress.TryParse(proxy, out _) || System.Net.IPNetwork.TryParse(proxy, out _)),
                "Access:Proxies are addresses or networks, such as 10.0.0.1 or 10.0.0.0/8.")
            .Validate(access => isDevelopment || !access.DemoSignIn, "Access:DemoSignIn lets everybody sign in as anybody: it is for Development.")
            .ValidateOnStart();
        services.AddSingleton(new AccessRules(!isConfigured));
        services.AddForwardedHeaders();
        services.AddRateLimiter(limiter => AddLimits(limiter, !isConfigured));
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<AccessOptions>>((cors, access) => cors.AddDefaultPolicy(policy =>
            policy.WithOrigins([.. access.Value.Origins]).AllowCredentials().AllowAnyHeader().WithMethods("GET", "POST", "PUT", "DELETE")));
        if (isConfigured)
            builder.AddSchemes();
        if (isConfigured ? builder.Configuration.GetValue<bool>($"{AccessOptions.Section}:{nameof(AccessOptions.DemoSignIn)}") : !isSaidOpen)
            services.AddHostedService<LoopbackOnly>();
    }

    /// <summary>Puts it into the pipeline.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseForwardedHeaders();
        var access = app.Services.GetRequiredService<IOptions<AccessOptions>>().Value;
        app.UseOriginCheck(access.Origins);
        app.UseCors();
        if (!app.Services.GetRequiredService<AccessRules>().IsOpen)
        {
            app.UseAuthentication();
            app.Use(RefuseRevokedAsync);
            app.UseAuthorization();
            app.MapSession();
            if (access.DemoSignIn)
                app.MapDemoSignIn();
        }

        app.UseRateLimiter();
        app.MapSessionState();
    }

    // Streams look themselves, and tell a browser's EventSource in the way that it understands.
    private static Task RefuseRevokedAsync(HttpContext context, RequestDelegate next) =>
        context.User.Identity is { IsAuthenticated: true }
        && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null
        && !context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase)
        && context.RequestServices.GetRequiredService<ISseConnections>().IsRevoked(context.User)
            ? Problems.Unauthorized("The token was revoked: sign in again.").ExecuteAsync(context)
            : next(context);

    private static void AddSchemes(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddAuthentication(TokenOrCookie)
            .AddPolicyScheme(TokenOrCookie, null, policy => policy.ForwardDefaultSelector = context =>
                context.Request.Headers.ContainsKey("Authorization") ? JwtBearerDefaults.AuthenticationScheme
                : context.Request.Query.ContainsKey(SseTicketDefaults.Parameter) ? SseTicketDefaults.AuthenticationScheme
                : context.Request.Cookies.ContainsKey(SessionEndpoints.Cookie) ? CookieAuthenticationDefaults.AuthenticationScheme
                : JwtBearerDefaults.AuthenticationScheme)
            .AddSseTicket()
            .AddJwtBearer(bearer => bearer.MapInboundClaims = false)
            .AddCookie(cookie =>
            {
                cookie.Cookie.Name = SessionEndpoints.Cookie;
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.Cookie.SecurePolicy = builder.Environment.IsDevelopment() ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
                cookie.SlidingExpiration = false;
                cookie.Events.OnRedirectToLogin = context => Answer(context.Response, StatusCodes.Status401Unauthorized);
                cookie.Events.OnRedirectToAccessDenied = context => Answer(context.Response, StatusCodes.Status403Forbidden);
            });
        // What nobody thought of wants somebody who is signed in.
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(AccessRules.Operator, policy => policy.RequireAuthenticatedUser().RequireAssertion(call => AccessRules.IsOperator(call.User)));
        services.AddSingleton<IAuthorizationHandler, OwnTopics>();
        services.AddDataProtection().SetApplicationName("SseScaling");
        if (builder.UsesRedis())
        {
            services.AddSingleton<SessionKeys>();
            services.AddOptions<KeyManagementOptions>().Configure<SessionKeys>((keys, repository) => keys.XmlRepository = repository);
        }
    }

    private static Task Answer(HttpResponse response, int status)
    {
        response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static void AddForwardedHeaders(this IServiceCollection services) =>
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<AccessOptions>>((forwarded, access) =>
        {
            forwarded.ForwardedHeaders = access.Value.Proxies.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in access.Value.Proxies)
            {
                if (IPAddress.TryParse(proxy, out var address))
                    forwarded.KnownProxies.Add(address);
                else
                    forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
            }
        });

    private static void AddLimits(RateLimiterOptions limiter, bool isOpen)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = (rejected, _) =>
        {
            var after = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
            rejected.HttpContext.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return ValueTask.CompletedTask;
        };
        // Where everybody may do everything, nobody is told to do it slowly: load tests come from one address.
        limiter.AddPolicy(Publishing, context => Partition(context, isOpen, access => access.PublishPerSecond));
        limiter.AddPolicy(Connecting, context => Partition(context, isOpen, access => access.ConnectPerSecond));
    }

    private static RateLimitPartition<string> Partition(HttpContext context, bool isOpen, Func<AccessOptions, int> limit)
    {
        if (isOpen)
            return RateLimitPartition.GetNoLimiter("");
        var perSecond = limit(context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value);
        var caller = AccessRules.IdOf(context.User) is { } user ? $"user {user}" : $"address {context.Connection.RemoteIpAddress}";
        return RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        });
    }
}
