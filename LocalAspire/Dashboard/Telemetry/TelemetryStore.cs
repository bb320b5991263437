namespace LocalAspire.Dashboard.Telemetry;

/// <summary>Everything the services have sent, within bounds. All its parts may be used from any thread.</summary>
internal sealed class TelemetryStore
{
    public LogStore Logs { get; } = new();

    public TraceStore Traces { get; } = new();

    public MetricStore Metrics { get; } = new();
}
