using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Healthy when Redis answers a PING.</summary>
internal sealed class RedisHealthCheck(IServiceProvider services) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var multiplexer = services.GetRequiredService<IConnectionMultiplexer>();

            // A PING would wait for a connection until it times out.
            if (!multiplexer.IsConnected)
                return new HealthCheckResult(context.Registration.FailureStatus, $"No connection to {multiplexer.Configuration}.");

            await multiplexer.GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever stops a PING, from a bad connection string to a dead server, is what this check has to report.
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
