using System.Diagnostics;

namespace SseScaling.Protocol;

/// <summary>What an envelope says about its publishing.</summary>
/// <param name="Micros">Microseconds since 1970-01-01 UTC by this machine's clock.</param>
/// <param name="TraceParent">The W3C traceparent; null unless the trace is recorded, since nobody ever looks at the others.</param>
internal readonly record struct PublishStamp(long Micros, string? TraceParent)
{
    /// <summary>The stamp of something published now, in the current activity.</summary>
    public static PublishStamp Now(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var micros = (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        return new PublishStamp(micros, Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null);
    }
}
