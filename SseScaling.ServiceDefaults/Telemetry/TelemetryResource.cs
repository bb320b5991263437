using OpenTelemetry.Resources;

namespace SseScaling.ServiceDefaults.Telemetry;

/// <summary>Who sends the telemetry.</summary>
internal static class TelemetryResource
{
    /// <summary>
    /// <c>service.name</c> and <c>service.instance.id</c> of OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which stand last since the last one wins;
    /// without them the application's name, and machine and process, so that replicas differ.
    /// </summary>
    public static ResourceBuilder Create(string applicationName) => ResourceBuilder.CreateEmpty()
        .AddService(applicationName, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();
}
