using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SseScaling.Hosting;

/// <summary>Registers supervised services.</summary>
public static class SupervisionExtensions
{
    /// <summary>Adds a singleton that the host runs, with a health check that says how its work goes; nothing where it was added before.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">Of the health check.</param>
    /// <param name="failed">
    /// What the check says once the work is late: <see cref="HealthStatus.Unhealthy"/> where requests are better served by another process meanwhile,
    /// <see cref="HealthStatus.Degraded"/> where this one still does what its clients are here for.
    /// </param>
    /// <param name="outlivesOthers">Whether it starts before all that is registered so far, and stops after it.</param>
    public static IServiceCollection AddSupervised<T>(
        this IServiceCollection services, string name, HealthStatus failed = HealthStatus.Unhealthy, bool outlivesOthers = false)
        where T : SupervisedService
    {
        if (services.Any(service => service.ServiceType == typeof(T)))
            return services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Supervision>();
        services.AddSingleton<T>();
        services.Insert(outlivesOthers ? 0 : services.Count, ServiceDescriptor.Singleton<IHostedService>(provider => provider.GetRequiredService<T>()));
        services.AddHealthChecks().Add(new HealthCheckRegistration(name, provider => new Check(provider.GetRequiredService<T>()), failed, tags: null));
        return services;
    }

    private sealed class Check(SupervisedService service) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(service.Check(context.Registration.FailureStatus));
    }
}
