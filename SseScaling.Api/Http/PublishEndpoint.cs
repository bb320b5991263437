using System.Buffers;
using System.Text.Json.Serialization;
using SseScaling.Api.Social;
using SseScaling.Backplane;

namespace SseScaling.Api.Http;

/// <summary><c>POST /api/publish</c>: publishes one event or several, and answers with their ids.</summary>
internal static partial class PublishEndpoint
{
    public static void MapPublish(this IEndpointRouteBuilder app) => app.MapPost("/api/publish", Publish).WithName("Publish");

    private static async Task<IResult> Publish(HttpContext context, IBackplane backplane, WantedEvents wishes, ILoggerFactory loggers)
    {
        var body = await ReadBodyAsync(context.Request);
        if (body is null)
            return Problems.TooLarge($"A body has at most {PublishRequest.MaxBody} bytes: send fewer events at once, or less data.");
        if (PublishRequest.Read(body, out var error) is not { } drafts)
            return Problems.BadRequest(error);
        try
        {
            var wanted = await wishes.SelectAsync(drafts);
            var chosen = drafts.Where((_, i) => wanted[i]).ToList();
            var published = await backplane.PublishAsync(chosen, context.RequestAborted);
            LogPublished(loggers.CreateLogger(typeof(PublishEndpoint)), chosen.DistinctBy(d => d.Topic).Count(), chosen.Count);
            var next = 0;
            return Results.Ok(drafts.Select((draft, i) => wanted[i] ? Answer(draft, published[next++]) : new PublishAnswer(draft.Topic, null, Filtered: true)).ToList());
        }
        catch (SseUnavailableException e)
        {
            return Problems.Unavailable(context, e.Message, e.RetryAfter);
        }
    }

    private static PublishAnswer Answer(SseEvent draft, PublishedEvent published) =>
        new(draft.Topic, published.Position.IsNone ? null : published.Position.ToString());

    /// <summary>Reads the whole body; null when it is too large. What is left is for the server to read over.</summary>
    private static async Task<byte[]?> ReadBodyAsync(HttpRequest request)
    {
        if (request.ContentLength > PublishRequest.MaxBody)
            return null;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            if (read.Buffer.Length > PublishRequest.MaxBody)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    [LoggerMessage(31, LogLevel.Information, "[SSE] Published to {Topics} topics ({Events} events)")]
    private static partial void LogPublished(ILogger logger, int topics, int events);
}

/// <summary>What became of one event.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Id">Its id; null when it is not durable, or not published.</param>
/// <param name="Filtered">Whether its user does not want it, so that it was not published.</param>
internal sealed record PublishAnswer(
    string Topic, string? Id, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Filtered = false);
