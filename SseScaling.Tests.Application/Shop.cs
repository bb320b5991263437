using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SseScaling.Tests.Application;

/// <summary>A shop whose customers watch their orders. Everything of it that concerns events goes through the packages' public face.</summary>
public static class Shop
{
    /// <summary>Whose pages may read the customers' streams, with their credentials.</summary>
    public const string PartnerOrigin = "https://partner.example";

    private const string Partner = "partner";
    private const string Clerk = "clerk";
    private const string Visitor = "visitor";
    private const string Few = "few";

    /// <summary>Builds the application; its settings are those of any application, e.g. <c>urls</c>, <c>Sse:…</c>, and <c>ConnectionStrings:redis</c> for several replicas.</summary>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();

        var sse = builder.Services.AddSse(options => options.PublicTopics.Add("news:*"));
        if (builder.Configuration.GetConnectionString("redis") is not null)
            sse.AddRedis("redis");
        builder.Services.AddSingleton<Visits>();
        builder.Services.AddOptions<SseOptions>().Configure<Visits>((options, visits) => (options.OnConnected, options.OnDisconnected) = (visits.ConnectedAsync, visits.DisconnectedAsync));

        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.TokenValidationParameters = Tokens.Validation;
        }).AddSseTicket();
        if (builder.Configuration["keys"] is { } keys)
            builder.Services.AddDataProtection().SetApplicationName("shop").PersistKeysToFileSystem(new DirectoryInfo(keys));
        else
            builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddAuthorization(options =>
        {
            options.AddPolicy(Clerk, policy => policy.RequireClaim("role", Clerk));
            options.AddPolicy(Visitor, policy => policy.AddAuthenticationSchemes(JwtBearerDefaults.AuthenticationScheme, SseTicketDefaults.AuthenticationScheme).RequireAuthenticatedUser());
        });
        builder.Services.AddSingleton<IAuthorizationHandler, OwnAuctions>();
        builder.Services.AddCors(options => options.AddPolicy(Partner, policy => policy.WithOrigins(PartnerOrigin).AllowCredentials()));
        builder.Services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.AddFixedWindowLimiter(Few, limit => (limit.PermitLimit, limit.Window) = (2, TimeSpan.FromHours(1)));
        });

        builder.Services.AddSingleton<Payments>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Payments>());
        builder.Services.AddSingleton<Ledger>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Ledger>());
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseCors();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        Map(app);
        return app;
    }

    private static void Map(WebApplication app)
    {
        app.MapSse("/me/events", stream => stream.Topic($"customer:{stream.UserId}")).RequireAuthorization().RequireCors(Partner).WithName("MyEvents");
        app.MapSse("/orders/{id:int}/events", (SseStream stream, int id) => stream.Topic(Topics.Order(id)).Types(OrderPaid.Type)).RequireAuthorization(Clerk);
        app.MapSse("/shops/{shop}/events", (SseStream stream, string shop) => stream.Topic($"shop:{shop}").Where(new Dearer(100)).Batch(TimeSpan.FromMilliseconds(50)));
        app.MapSse("/feed", stream => stream.TopicsFromQuery("topic", max: 3).OwnedBy((string?)stream.HttpContext.Request.Query["user"] ?? "nobody")).AllowAnonymous();
        app.MapSse("/topics", stream => stream.TopicsFromQuery()).RequireAuthorization();
        app.MapSse("/visits/topics", stream => stream.TopicsFromQuery()).RequireAuthorization(Visitor);
        app.MapSse("/visits/events", stream => stream.Topic($"customer:{stream.UserId}")).RequireAuthorization(Visitor);
        app.MapSseTicket("/visits/ticket");
        app.MapSse("/auctions/{lot}/events", (SseStream stream, string lot) => stream.AskedTopic($"auctions:{lot}"));
        app.MapSsePublish("/anybody/publish");
        app.MapSse("/offers", stream => stream.Topic("offers")).RequireRateLimiting(Few);
        app.MapSsePublish("/publish").RequireAuthorization(Clerk);

        app.MapPost("/orders/{id:int}/paid", (int id, Payments payments) => payments.Receive(new OrderPaid(id)));
        app.MapGet("/tail/{topic}", (ISseSubscriber sse, HttpRequest request, string topic, CancellationToken stop) => TypedResults.ServerSentEvents(
            sse.SubscribeAsync<JsonElement>(new SseSubscription(topic) { LastEventId = request.Headers["Last-Event-ID"] }, stop)));
        app.MapGet("/where/my", (LinkGenerator links) => links.GetPathByName("MyEvents"));
    }

    /// <summary>Whoever auctions something may listen to the auction.</summary>
    private sealed class OwnAuctions : AuthorizationHandler<OperationAuthorizationRequirement, SseTopic>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, OperationAuthorizationRequirement requirement, SseTopic resource)
        {
            if (requirement == SseOperations.Subscribe && resource.Name == $"auctions:of-{context.User.FindFirst("sub")?.Value}")
                context.Succeed(requirement);
            return Task.CompletedTask;
        }
    }

    /// <summary>Only what costs more than a limit.</summary>
    private sealed class Dearer(int limit) : SseFilter
    {
        public override bool Wants(SseEventView e) => int.TryParse(e.Property("price"), NumberStyles.None, CultureInfo.InvariantCulture, out var price) && price > limit;
    }
}
