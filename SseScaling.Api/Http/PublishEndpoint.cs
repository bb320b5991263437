using System.Buffers;
using SseScaling.Api.Backplane;
using SseScaling.Messaging;

namespace SseScaling.Api.Http;

/// <summary><c>POST /api/publish</c>: publishes one event or several, and answers with their ids.</summary>
internal static partial class PublishEndpoint
{
    public static void MapPublish(this IEndpointRouteBuilder app) => app.MapPost("/api/publish", Publish).WithName("Publish");

    private static async Task<IResult> Publish(HttpContext context, IBackplane backplane, ILoggerFactory loggers)
    {
        var body = await ReadBodyAsync(context.Request);
        if (body is null)
            return Problems.TooLarge($"A body has at most {PublishRequest.MaxBody} bytes: send fewer events at once, or less data.");
        if (PublishRequest.Read(body, out var error) is not { } drafts)
            return Problems.BadRequest(error);
        try
        {
            var published = await backplane.PublishAsync(drafts, context.RequestAborted);
            LogPublished(loggers.CreateLogger(typeof(PublishEndpoint)), drafts.DistinctBy(d => d.Topic).Count(), drafts.Count);
            return Results.Ok(drafts.Zip(published, Answer));
        }
        catch (MessagingUnavailableException e)
        {
            return Problems.Unavailable(context, e.Message, e.RetryAfter);
        }
    }

    private static PublishAnswer Answer(EventDraft draft, PublishedEvent published) =>
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
/// <param name="Id">Its id; null when it is not durable.</param>
internal sealed record PublishAnswer(string Topic, string? Id);
