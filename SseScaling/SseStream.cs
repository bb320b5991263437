using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Claims;
using SseScaling.Protocol;

namespace SseScaling;

/// <summary>
/// A stream that a client asks for, while its endpoint decides what it delivers: at least one topic, and if wanted a filter, a batch window and a plan that changes.
/// Lives for as long as the endpoint's delegate; not thread-safe. What a client asks for in vain (a bad topic name, too many topics) is answered with 400.
/// </summary>
public sealed class SseStream
{
    private const int MaxTypes = 100;

    private readonly List<string> _topics = new(1);
    private readonly List<string> _asked = [];

    internal SseStream(HttpContext context) => HttpContext = context;

    /// <summary>The request. It is over for the application once the stream begins: neither it nor its services may be kept.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>Who asks.</summary>
    public ClaimsPrincipal User => HttpContext.User;

    /// <summary>
    /// Whose stream it is: as <see cref="OwnedBy"/> said, else the authenticated user's claim <c>sub</c> or, where the scheme renames it (JwtBearer does by default), name
    /// identifier. Null: nobody's.
    /// </summary>
    public string? UserId => Owner ?? UserIdOf(User);

    internal IReadOnlyList<string> TopicNames => _topics;

    /// <summary>Those of the topics that the client must have a right to.</summary>
    internal IReadOnlyList<string> AskedTopics => _asked;

    internal HashSet<string>? TypeNames { get; private set; }

    internal SseFilter? Filter { get; private set; }

    internal TimeSpan? Window { get; private set; }

    internal Func<SsePlan, Task>? Plan { get; private set; }

    internal string? Owner { get; private set; }

    internal string? Label { get; private set; }

    /// <summary>What the client should change; null when the stream can be served.</summary>
    internal string? Problem { get; private set; }

    /// <summary>Delivers a topic, which the endpoint itself chose: who may have it is for the endpoint's policies to say.</summary>
    /// <param name="topic">1 to 256 bytes of UTF-8 without control characters. Naming it twice is the same as once.</param>
    public SseStream Topic(string topic)
    {
        Problem ??= TopicName.Problem(topic);
        if (!_topics.Contains(topic))
            _topics.Add(topic);
        if (_topics.Count > TopicName.MaxPerStream)
            Problem ??= $"A stream has at most {TopicName.MaxPerStream} topics: open several streams.";
        return this;
    }

    /// <summary>
    /// Delivers a topic that the client asked for, by a route value or the like. Where the application has an authentication scheme, the client needs the right to it
    /// (<see cref="ISseTopicAuthorizer"/>, or <see cref="SseOptions.PublicTopics"/>), else the answer is 401 or 403; an endpoint that allows anonymous access asks for none.
    /// </summary>
    /// <param name="topic">1 to 256 bytes of UTF-8 without control characters.</param>
    public SseStream AskedTopic(string topic)
    {
        _asked.Add(topic);
        return Topic(topic);
    }

    /// <summary>Delivers several topics, at most 100 in all.</summary>
    public SseStream Topics(params IEnumerable<string> topics)
    {
        ArgumentNullException.ThrowIfNull(topics);
        foreach (var topic in topics)
            Topic(topic);
        return this;
    }

    /// <summary>Delivers the topics that the query names, e.g. <c>?topic=a&amp;topic=b</c>, each as an <see cref="AskedTopic"/>.</summary>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="max">The most topics, 1 to 100.</param>
    public SseStream TopicsFromQuery(string parameter = "topic", int max = TopicName.MaxPerStream)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, TopicName.MaxPerStream);
        var topics = HttpContext.Request.Query[parameter].Distinct().ToArray();
        if (topics.Length == 0)
            Problem ??= $"The parameter {parameter} is missing: name at least one, e.g. {HttpContext.Request.Path}?{parameter}=news.";
        if (topics.Length > max)
            Problem ??= $"A stream has at most {max} topics: open several streams.";
        for (var i = 0; Problem is null && i < topics.Length; i++)
            AskedTopic(topics[i]!);
        return this;
    }

    /// <summary>Delivers only events whose name (<see cref="SseEvent.Type"/>), or whose data's top-level property <c>type</c>, is one of these.</summary>
    public SseStream Types(params IEnumerable<string> types)
    {
        TypeNames = [.. types];
        return this;
    }

    /// <summary>Delivers only the types that the query lists, e.g. <c>?types=like,new-post</c>; all without the parameter. At most 100.</summary>
    /// <param name="parameter">The parameter's name.</param>
    public SseStream TypesFromQuery(string parameter = "types")
    {
        if ((string?)HttpContext.Request.Query[parameter].LastOrDefault() is not { } list)
            return this;
        var types = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (types.Length is 0 or > MaxTypes)
            Problem ??= $"The parameter {parameter} names 1 to {MaxTypes} types, e.g. {parameter}=like,new-post: leave it out for all.";
        return Types(types);
    }

    /// <summary>Delivers only events that a filter wants.</summary>
    public SseStream Where(SseFilter filter)
    {
        Filter = filter;
        return this;
    }

    /// <summary>Makes one event <c>{"batch":[…]}</c> of what arrives within a window.</summary>
    /// <param name="window">0 (none) to 10 s. Default: <see cref="SseOptions.BatchWindow"/>.</param>
    public SseStream Batch(TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, SseOptions.MaxBatchWindow);
        Window = window;
        return this;
    }

    /// <summary>Takes the batch window from the query, in milliseconds, e.g. <c>?batch=100</c>.</summary>
    /// <param name="parameter">The parameter's name.</param>
    public SseStream BatchFromQuery(string parameter = "batch")
    {
        if ((string?)HttpContext.Request.Query[parameter].LastOrDefault() is not { } text)
            return this;
        var longest = (int)SseOptions.MaxBatchWindow.TotalMilliseconds;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= longest)
            return Batch(TimeSpan.FromMilliseconds(milliseconds));
        Problem ??= $"The parameter {parameter} is a window in ms, 0 to {longest}, e.g. {parameter}=100: 0, or nothing, is no window.";
        return this;
    }

    /// <summary>
    /// Says whose stream it is: for <see cref="SseOptions.MaxStreamsPerUser"/>, <c>ISseConnections</c> and the log. Default: the authenticated user, see
    /// <see cref="UserId"/>; nobody without one.
    /// </summary>
    public SseStream OwnedBy(string user)
    {
        Owner = user;
        return this;
    }

    /// <summary>What the log calls the stream. Default: its user, or its topics.</summary>
    public SseStream Named(string label)
    {
        Label = label;
        return this;
    }

    /// <summary>
    /// Has a delegate say what the stream delivers beside its fixed topics, when it opens and again whenever <c>ISseConnections.RefreshAsync</c> asks for it; the stream
    /// goes on exactly where it stands. It may run at any time for as long as the stream is open, so it must not use the request or its services.
    /// </summary>
    /// <param name="plan">
    /// Adds topics and a filter. While it throws <see cref="SseUnavailableException"/> the stream goes on as it was, or begins with its fixed topics alone, and the plan is
    /// asked for again every few seconds; anything else ends the stream.
    /// </param>
    public SseStream Follow(Func<SsePlan, Task> plan)
    {
        Plan = plan;
        return this;
    }

    /// <summary>A principal's claim <c>sub</c> or, where the scheme renames it, name identifier.</summary>
    internal static string? UserIdOf(ClaimsPrincipal user) => user.FindFirstValue("sub") ?? user.FindFirstValue(ClaimTypes.NameIdentifier);

    /// <summary>Binds the parameter of a minimal API's delegate.</summary>
    [SuppressMessage("Design", "CA1024", Justification = "The framework's convention.")]
    public static ValueTask<SseStream> BindAsync(HttpContext context) => ValueTask.FromResult(new SseStream(context));
}
