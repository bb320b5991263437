using System.Diagnostics;

namespace SseScaling.Api.Social;

/// <summary>The span <c>fan-out</c> of a background job, under the request that posted, whichever replica does the job and however late. Any thread.</summary>
internal static class FanOutSpans
{
    private static readonly ActivitySource Source = new("SseScaling.Social");

    /// <summary>What a job remembers of the current trace (W3C traceparent); null when nobody records it.</summary>
    public static string? Current => Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;

    /// <summary>Starts the span; null when nobody listens.</summary>
    /// <param name="trace">What <see cref="Current"/> was when the job was added; null or empty: a trace of its own.</param>
    public static Activity? Start(string? trace) => Source.StartActivity("fan-out", ActivityKind.Consumer, trace is { Length: > 0 } ? trace : null);
}
