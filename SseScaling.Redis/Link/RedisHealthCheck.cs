using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SseScaling.Redis;

/// <summary>Ready while the link is up. Reads the watchdog's state: a probe costs Redis nothing and never waits.</summary>
internal sealed class RedisHealthCheck(RedisLink link) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(link.IsUp ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The link to Redis is down."));
}
