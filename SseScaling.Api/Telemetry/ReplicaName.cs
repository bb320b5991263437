namespace SseScaling.Api.Telemetry;

/// <summary>What this replica is called: the instance id that its host gave it, else the machine and process.</summary>
internal sealed class ReplicaName(IConfiguration configuration)
{
    public string Instance { get; } = FromHost(configuration["OTEL_RESOURCE_ATTRIBUTES"]) ?? $"{Environment.MachineName}-{Environment.ProcessId}";

    private static string? FromHost(string? attributes) => attributes?.Split(',')
        .Select(a => a.Split('=', 2))
        .FirstOrDefault(a => a is ["service.instance.id", _])?[1];
}
