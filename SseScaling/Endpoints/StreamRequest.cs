using SseScaling.Protocol;
using SseScaling.Topics;

namespace SseScaling.Endpoints;

/// <summary>What a client and its endpoint ask for, apart from the request, which is over once the stream begins.</summary>
/// <param name="Label">What the log calls the client.</param>
/// <param name="User">Whose stream it is; null: nobody's.</param>
/// <param name="Plan">What the endpoint itself named.</param>
/// <param name="Resume">Where the client stands; null: it starts live.</param>
/// <param name="IsOver">Whether the stream was ended for good, and its client comes back all the same.</param>
/// <param name="Follow">Adds to the plan, now and whenever it is asked again; null: nothing does.</param>
internal sealed record StreamRequest(string Label, string? User, StreamPlan Plan, LastEventId? Resume, bool IsOver, Func<SsePlan, Task>? Follow)
{
    // What fetch calls itself in Node, Deno, Bun and Cloudflare's workers where the script does not.
    private static readonly string[] ScriptHosts = ["node", "undici", "Deno/", "Bun/", "Cloudflare-Workers"];

    /// <summary>The last event id of a client.</summary>
    public static string? LastEventIdOf(HttpRequest request) =>
        (string?)request.Headers["Last-Event-ID"] is { } header ? header : (string?)request.Query["lastEventId"].FirstOrDefault();

    /// <summary>How a client takes an id without an event. Scripts outside of browsers are those that mostly cannot; a browser's own EventSource can.</summary>
    public static PositionForm PositionFormOf(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        return Array.Exists(ScriptHosts, host => agent.StartsWith(host, StringComparison.OrdinalIgnoreCase)) ? PositionForm.Event : PositionForm.Plain;
    }

    /// <summary>Reads what a stream asks for.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="options">For what it does not say.</param>
    /// <param name="problem">What the client should change, when the result is null.</param>
    /// <exception cref="InvalidOperationException">The endpoint named no topic.</exception>
    public static StreamRequest? Read(SseStream stream, SseOptions options, out string problem)
    {
        problem = stream.Problem ?? "";
        if (problem.Length > 0)
            return null;
        if (stream.TopicNames.Count == 0)
            throw new InvalidOperationException($"The endpoint of {stream.HttpContext.Request.Path} names no topic.");
        LastEventId? resume = null;
        var text = LastEventIdOf(stream.HttpContext.Request);
        var isOver = text == LastEventId.End;
        if (!isOver && text is { Length: > 0 })
        {
            resume = LastEventId.Parse(text);

            // One of another server's, or of another stream of one topic: where the client stands is not known.
            if (resume is { IsSingle: true } && stream.TopicNames.Count > 1)
                resume = null;
        }

        var user = stream.UserId;
        var plan = StreamPlan.Of(stream.TopicNames, resume, stream.Window ?? options.BatchWindow) with
        {
            Types = stream.TypeNames,
            Filter = stream.Filter,
            HasLostPosition = !isOver && text is { Length: > 0 } && resume is null,
        };
        var label = stream.Label ?? (user is null ? Named(stream.TopicNames) : $"user {user}");
        return new StreamRequest(label, user, plan, resume, isOver, stream.Plan);
    }

    /// <summary>A few of the topics: a line of the log is no place for a hundred.</summary>
    private static string Named(IReadOnlyList<string> topics) =>
        topics.Count <= 3 ? string.Join(", ", topics) : $"{string.Join(", ", topics.Take(3))} and {topics.Count - 3} more";

    /// <summary>Asks for the plan of this moment.</summary>
    /// <param name="isOpen">Whether the stream is open already.</param>
    /// <exception cref="SseUnavailableException">What the plan depends on is away.</exception>
    public async Task<StreamPlan> ReadPlanAsync(bool isOpen)
    {
        var more = new SsePlan(isOpen);
        await Follow!(more);
        var topics = more.Topics
            .Where(topic => Plan.Topics.All(own => own.Name != topic.Name))
            .DistinctBy(topic => topic.Name)
            .Take(TopicName.MaxPerStream - Plan.Topics.Count)
            .Select(topic => Start(topic.Name, topic.Since, isOpen));
        return Plan with { Topics = [.. Plan.Topics, .. topics], Filter = more.Filter ?? Plan.Filter };
    }

    /// <summary>A new client starts live. One that comes back goes on where it stood; its id may be older than its interest in the topic.</summary>
    private TopicStart Start(string topic, EventPosition? since, bool isOpen)
    {
        if (isOpen)
            return new TopicStart(topic, since);
        return Resume is null ? new TopicStart(topic, null) : new TopicStart(topic, (Resume.IsSingle ? null : Resume.For(topic)) ?? since);
    }
}
