using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using SseScaling;
using SseScaling.Authorization;
using SseScaling.Endpoints;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps event streams, and publishing over HTTP.</summary>
public static class SseEndpointRouteBuilderExtensions
{
    private const string EventStream = "text/event-stream";

    /// <summary>
    /// Maps GET requests to event streams, and <c>POST {pattern}/refresh?id=…</c>, which has an open stream go on by the right of that request: <c>id</c> is what the stream's
    /// event <c>reauthenticate</c> told, the answer <c>{"tokenLifetimeSeconds","revoked"}</c>; 403 for another user's stream. What is required of the streams is required of it.
    /// </summary>
    /// <param name="endpoints">Where.</param>
    /// <param name="pattern">The route.</param>
    /// <param name="stream">Says what a stream delivers: at least one topic.</param>
    /// <returns>The endpoint, for <c>RequireAuthorization</c>, <c>RequireCors</c>, <c>RequireRateLimiting</c>, <c>WithName</c> and the like.</returns>
    public static RouteHandlerBuilder MapSse(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Action<SseStream> stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Map(endpoints, pattern, (SseStream asked) => stream(asked));
    }

    /// <inheritdoc cref="MapSse(IEndpointRouteBuilder, string, Action{SseStream})"/>
    public static RouteHandlerBuilder MapSse(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Func<SseStream, Task> stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Map(endpoints, pattern, (SseStream asked) => stream(asked));
    }

    /// <summary>
    /// Maps GET requests to event streams by a minimal API's delegate: one parameter is the <see cref="SseStream"/>, the others are bound as always (route values, query,
    /// services). A delegate that returns an <see cref="IResult"/> answers with it instead.
    /// </summary>
    /// <inheritdoc cref="MapSse(IEndpointRouteBuilder, string, Action{SseStream})"/>
    /// <exception cref="ArgumentException">No parameter of the delegate is an <see cref="SseStream"/>.</exception>
    [RequiresUnreferencedCode("The delegate's parameters are bound by reflection.")]
    [RequiresDynamicCode("The delegate's parameters are bound by reflection.")]
    public static RouteHandlerBuilder MapSse(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Delegate stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.Method.GetParameters().Any(parameter => parameter.ParameterType == typeof(SseStream)))
            throw new ArgumentException($"One parameter of the delegate for {pattern} must be an {nameof(SseStream)}.", nameof(stream));
        return Map(endpoints, pattern, stream);
    }

    /// <summary>
    /// Maps POST requests that publish: a body of <c>{"topic","data","event"?,"key"?,"durable"?,"collapse"?}</c> or an array of them, at most 64 KiB, is answered with
    /// <c>[{"topic","id"}]</c> in order. Where the application has an authentication scheme, the client needs the right to publish on each of the topics (<see cref="ISseTopicAuthorizer"/>), else the answer is
    /// 401 or 403 and nothing is published; an endpoint that allows anonymous access asks for none. Without a scheme whoever may send the request may publish on any topic.
    /// </summary>
    /// <param name="endpoints">Where.</param>
    /// <param name="pattern">The route.</param>
    /// <param name="select">Says of each event whether it is published; the others are answered with <c>"filtered": true</c>. Null: all are.</param>
    public static RouteHandlerBuilder MapSsePublish(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Func<HttpContext, IReadOnlyList<SseEvent>, Task<IReadOnlyList<bool>>>? select = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.MapPost(pattern, (HttpContext context, ISsePublisher publisher, ILoggerFactory loggers, IOptions<SseOptions> options) =>
                PublishEndpoint.PublishAsync(context, publisher, loggers, options, select))
            .DisableCookieRedirect()
            .Accepts<PublishItem>("application/json")
            .Produces<PublishAnswer[]>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Publishes one event or several");
    }

    /// <summary>
    /// Maps POST requests that give whoever is authenticated a one-time ticket: <c>POST {pattern}?topic=a&amp;topic=b</c> is answered with <c>{"ticket","expiresInSeconds"}</c>. It opens one
    /// stream, as <c>?ticket=</c> in its URL, within 30 s, on any replica; of the topics that a client may name, that stream may have those that were named here, for which the
    /// right is asked here and there. Nobody authenticated: 401; a topic without the right: 403. Needs <c>AddSseTicket</c>.
    /// </summary>
    /// <param name="endpoints">Where.</param>
    /// <param name="pattern">The route.</param>
    /// <returns>The endpoint, for <c>RequireAuthorization</c>, <c>RequireCors</c>, <c>RequireRateLimiting</c> and the like.</returns>
    /// <exception cref="InvalidOperationException"><c>AddSseTicket</c> was not called.</exception>
    public static RouteHandlerBuilder MapSseTicket(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(Tickets)) != true)
            throw new InvalidOperationException("Tickets are a scheme of authentication: call AddAuthentication().AddSseTicket() before MapSseTicket.");
        return endpoints.MapPost(pattern, (HttpContext context, Tickets tickets, TopicRights rights, IOptions<SseOptions> options, [FromQuery(Name = "topic")] string[] topics) =>
                TicketEndpoint.ServeAsync(context, tickets, rights, options, topics))
            .DisableCookieRedirect()
            .Produces<TicketAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Gives a ticket that opens one stream");
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Callers that pass a delegate of their own are warned themselves.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Callers that pass a delegate of their own are warned themselves.")]
    private static RouteHandlerBuilder Map(IEndpointRouteBuilder endpoints, string pattern, Delegate stream)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var endpoint = endpoints.MapGet(pattern, stream)
            .AddEndpointFilter(StreamEndpoint.ServeAsync)
            .WithMetadata(new TakesTickets())
            .Produces<string>(StatusCodes.Status200OK, EventStream)
            .DisableCookieRedirect()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        // That a delegate hands its stream on is no answer.
        endpoint.Finally(built =>
        {
            for (var i = built.Metadata.Count - 1; i >= 0; i--)
            {
                if (built.Metadata[i] is IProducesResponseTypeMetadata answer && answer.Type == typeof(SseStream))
                    built.Metadata.RemoveAt(i);
            }
        });
        var refresh = endpoints.MapPost($"{pattern.TrimEnd('/')}/refresh", (HttpContext context, RefreshEndpoint handler, [FromQuery(Name = "id")] string? stream) =>
                handler.ServeAsync(context, stream))
            .DisableCookieRedirect()
            .ExcludeFromDescription();
        // A name is one endpoint's: the stream's.
        refresh.Finally(built =>
        {
            for (var i = built.Metadata.Count - 1; i >= 0; i--)
            {
                if (built.Metadata[i] is IEndpointNameMetadata or IRouteNameMetadata)
                    built.Metadata.RemoveAt(i);
            }
        });
        return new RouteHandlerBuilder([endpoint, refresh]);
    }
}
