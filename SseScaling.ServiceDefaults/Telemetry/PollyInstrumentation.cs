using OpenTelemetry.Metrics;

namespace SseScaling.ServiceDefaults.Telemetry;

/// <summary>Retries, time-outs and the circuit breaker of the resilience pipelines, as Polly counts them.</summary>
internal static class PollyInstrumentation
{
    // Not attempt.number: a topic is subscribed until it succeeds, and each number would be a series of its own.
    private static readonly string[] AttemptTags = ["pipeline.name", "strategy.name", "event.name", "event.severity", "exception.type", "attempt.handled"];

    public static MeterProviderBuilder AddPollyInstrumentation(this MeterProviderBuilder metrics) => metrics
        .AddMeter("Polly")
        .AddView("resilience.polly.strategy.attempt.duration", new MetricStreamConfiguration { TagKeys = AttemptTags });
}
