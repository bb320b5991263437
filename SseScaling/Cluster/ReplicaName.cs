using System.Globalization;
using System.Security.Cryptography;

namespace SseScaling.Cluster;

/// <summary>What its host calls this replica, and where it lets it listen.</summary>
internal sealed class ReplicaName(IConfiguration configuration)
{
    /// <summary>The instance id that the host gave, else the machine, the process and a random number: containers have the same process id, and often the same name.</summary>
    public string Instance { get; } = FromHost(configuration["OTEL_RESOURCE_ATTRIBUTES"])
        ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{RandomNumberGenerator.GetInt32(1 << 24):x6}");

    /// <summary>
    /// Where programs on the same machine reach it past the proxy: the first URL of <c>ASPNETCORE_URLS</c> on a loopback address, of which the AppHost gives each replica
    /// its own; null without one.
    /// </summary>
    public string? LocalUrl { get; } = configuration["urls"]?.Split(';').FirstOrDefault(address =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url is { Scheme: "http", IsLoopback: true, Port: > 0 });

    private static string? FromHost(string? attributes) => attributes?.Split(',')
        .Select(a => a.Split('=', 2))
        .FirstOrDefault(a => a is ["service.instance.id", _])?[1];
}
