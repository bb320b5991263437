using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using SseScaling.Publisher.Telemetry;
using SseScaling.Publisher.Traffic;

namespace SseScaling.Publisher.Http;

/// <summary>What the publisher does, as <c>GET /api/publisher</c> answers.</summary>
/// <param name="Scenario">Name of the profile.</param>
/// <param name="Rate">Events per second that were asked for.</param>
/// <param name="TargetRate">Events per second that the profile makes of it at this moment.</param>
/// <param name="Users">Number of users.</param>
/// <param name="Published">Events published since the start.</param>
/// <param name="Skipped">Events left out since the start, because Redis was away or too slow.</param>
/// <param name="Available">Whether publishing works at the moment.</param>
/// <param name="Scenarios">Names that can be asked for.</param>
public sealed record PublisherState(
    string Scenario, double Rate, double TargetRate, int Users, long Published, long Skipped, bool Available, IEnumerable<string> Scenarios);

/// <summary>Body of <c>PUT /api/publisher</c>: what it does not name stays as it is.</summary>
/// <param name="Rate">Events per second, 0 (pause) to <see cref="PublisherOptions.MaxRate"/>.</param>
/// <param name="Scenario">Name of a profile, which starts anew.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PublisherChange(double? Rate = null, string? Scenario = null);

/// <summary>Shows and changes what is published, while it is published.</summary>
public static class PublisherEndpoints
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.Strict };

    private const int MaxBodyBytes = 4 * 1024;
    private const string Example = "{\"rate\":1000,\"scenario\":\"burst\"}";

    /// <summary>Maps <c>GET</c> and <c>PUT /api/publisher</c>.</summary>
    public static void MapPublisher(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/publisher", (TrafficControl control, PublisherMetrics metrics, PublisherOptions options) =>
            TypedResults.Ok(Describe(control, metrics, options)));
        routes.MapPut("/api/publisher", ChangeAsync);
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, TrafficControl control, PublisherMetrics metrics, PublisherOptions options, ILogger<TrafficControl> log)
    {
        var (change, failure) = await ReadAsync(context);
        if (failure is not null)
            return failure;
        if (Check(change!) is { } sentence)
            return TypedResults.Problem(sentence, statusCode: StatusCodes.Status400BadRequest);
        var plan = control.Change(change!.Scenario is null ? null : Scenario.Find(change.Scenario), change.Rate);
        log.Changed(plan.Scenario.Name, plan.Rate);
        return TypedResults.Ok(Describe(control, metrics, options));
    }

    private static async Task<(PublisherChange? Change, IResult? Failure)> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBodyBytes;
        try
        {
            var change = await JsonSerializer.DeserializeAsync<PublisherChange>(
                context.Request.Body, Strict, context.RequestAborted);
            return (change ?? new PublisherChange(), null);
        }
        catch (JsonException e)
        {
            return (null, TypedResults.Problem(
                $"The body must be a JSON object with rate (a number), scenario (a string) or both, such as {Example}; it is not, at {e.Path ?? "its beginning"}.",
                statusCode: StatusCodes.Status400BadRequest));
        }
        catch (BadHttpRequestException e)
        {
            return (null, TypedResults.Problem($"The body could not be read; send at most {MaxBodyBytes} bytes.", statusCode: e.StatusCode));
        }
    }

    private static string? Check(PublisherChange change)
    {
        if (change is { Rate: null, Scenario: null })
            return $"Nothing is to be changed: give rate, scenario or both, such as {Example}.";
        return (change.Rate is { } rate ? PublisherOptions.FailureOfRate(rate) : null)
            ?? (change.Scenario is { } scenario ? PublisherOptions.FailureOfScenario(scenario) : null);
    }

    private static PublisherState Describe(TrafficControl control, PublisherMetrics metrics, PublisherOptions options)
    {
        var plan = control.Plan;
        return new PublisherState(
            plan.Scenario.Name, plan.Rate, control.TargetRate, options.Users, metrics.Published, metrics.Skipped, metrics.IsAvailable,
            Scenario.All.Select(scenario => scenario.Name));
    }
}
