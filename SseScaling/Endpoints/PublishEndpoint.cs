using System.Buffers;
using Microsoft.Extensions.Options;
using SseScaling.Authorization;

namespace SseScaling.Endpoints;

/// <summary>The handler behind <c>MapSsePublish</c>.</summary>
internal static partial class PublishEndpoint
{
    public static async Task<IResult> PublishAsync(
        HttpContext context, ISsePublisher publisher, ILoggerFactory loggers, IOptions<SseOptions> options, Func<HttpContext, IReadOnlyList<SseEvent>, Task<IReadOnlyList<bool>>>? select)
    {
        if (!context.Request.HasJsonContentType())
            return Problems.NotJson("The body is JSON: send it with the header Content-Type: application/json.");
        if (context.Request.Headers.ContentEncoding.Any(coding => coding is not ("" or "identity")))
            return Problems.NotJson("The body is compressed: send it as it is, without the header Content-Encoding.");
        if (await ReadBodyAsync(context.Request) is not { } body)
            return Problems.TooLarge($"A body has at most {PublishRequest.MaxBody} bytes: send fewer events at once, or less data.");
        if (PublishRequest.Read(body, out var problem) is not { } events)
            return Problems.BadRequest(problem);
        var rights = context.RequestServices.GetRequiredService<TopicRights>();
        var right = await rights.CheckAsync(context, rights.Of(context), [.. events.Select(one => one.Topic).Distinct()], SseOperations.Publish);
        if (await RightRefusal.OfAsync(context, right, SseOperations.Publish, options.Value) is { } refused)
            return refused;
        try
        {
            var wanted = select is null ? null : await select(context, events);
            var chosen = wanted is null ? events : [.. events.Where((_, i) => wanted[i])];
            var published = await publisher.PublishAsync(chosen, context.RequestAborted);
            LogPublished(loggers.CreateLogger(typeof(PublishEndpoint)), chosen.DistinctBy(one => one.Topic).Count(), chosen.Length);
            return TypedResults.Json(Answer(events, wanted, published), PublishJson.Default.PublishAnswerArray);
        }
        catch (SseUnavailableException e)
        {
            return Problems.Unavailable(context, e.Message, e.RetryAfter);
        }
    }

    private static PublishAnswer[] Answer(SseEvent[] events, IReadOnlyList<bool>? wanted, IReadOnlyList<SsePublished> published)
    {
        var answers = new PublishAnswer[events.Length];
        for (int i = 0, next = 0; i < answers.Length; i++)
        {
            answers[i] = wanted is null || wanted[i]
                ? new PublishAnswer(events[i].Topic, published[next++].Id)
                : new PublishAnswer(events[i].Topic, null, Filtered: true);
        }

        return answers;
    }

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
