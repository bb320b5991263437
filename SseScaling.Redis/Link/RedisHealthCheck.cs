using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SseScaling.Redis;

/// <summary>Ready while the link is up and Redis does its work. Reads the watchdog's state: a check costs Redis nothing and never waits.</summary>
internal sealed class RedisHealthCheck(RedisLink link) : IHealthCheck
{
    /// <summary>The entry of the check's data that holds a word for why it is not healthy, which everybody may read.</summary>
    private const string Reason = "reason";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((link.IsUp, link.Refusal) switch
        {
            (false, _) => HealthCheckResult.Unhealthy("The link to Redis is down."),
            (_, { } refusal) => HealthCheckResult.Unhealthy(
                $"Redis refuses the work: {refusal}.", data: new Dictionary<string, object> { [Reason] = refusal }),
            _ => HealthCheckResult.Healthy(),
        });
}
