using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SseScaling.Connections;

/// <summary>Takes a stopping replica out of the load balancer's rotation.</summary>
internal sealed class DrainHealthCheck(ConnectionRegistry connections) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(connections.IsDraining ? HealthCheckResult.Unhealthy("The replica is stopping.") : HealthCheckResult.Healthy());
}
