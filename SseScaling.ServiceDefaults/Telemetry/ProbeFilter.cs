using System.Diagnostics;
using OpenTelemetry;

namespace SseScaling.ServiceDefaults.Telemetry;

/// <summary>Keeps the spans of health probes out of the traces: several a minute for each replica, and nobody looks at them.</summary>
internal sealed class ProbeFilter : BaseProcessor<Activity>
{
    /// <summary>Runs before the exporter's processor, which skips what is not recorded.</summary>
    public override void OnEnd(Activity data)
    {
        if (data.Kind == ActivityKind.Server && (data.DisplayName.EndsWith(" /health", StringComparison.Ordinal) || data.DisplayName.EndsWith(" /alive", StringComparison.Ordinal)))
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
