using Microsoft.Extensions.DependencyInjection;

namespace SseScaling.AppHost;

/// <summary>Adds Redis in the form that this machine can run.</summary>
internal static class RedisServerExtensions
{
    /// <summary>The setting that decides the form.</summary>
    public const string RunAsSetting = "Redis:RunAs";

    /// <summary>The command whose presence decides it otherwise.</summary>
    public const string Command = "redis-server";

    private const string Process = "process";
    private const string Container = "container";

    /// <summary>
    /// Adds Redis: <c>redis-server</c> from the PATH as a process where it is installed, else Aspire's container. <c>Redis:RunAs=process</c> or
    /// <c>container</c> decides otherwise; a published manifest always has the container.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name, which is the connection string's as well.</param>
    /// <exception cref="DistributedApplicationException">The setting is neither of the two.</exception>
    public static IResourceBuilder<IResourceWithConnectionString> AddRedisServer(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.ExecutionContext.IsPublishMode)
            return builder.AddRedis(name);
        return builder.Configuration[RunAsSetting]?.ToLowerInvariant() switch
        {
            Process => builder.AddRedisProcess(name),
            Container => builder.AddRedis(name),
            null or "" => Executables.Find(Command) is null ? builder.AddRedis(name) : builder.AddRedisProcess(name),
            var other => throw new DistributedApplicationException($"The setting {RunAsSetting} is {Process} or {Container}, and not '{other}'."),
        };
    }

    private static IResourceBuilder<RedisServerResource> AddRedisProcess(this IDistributedApplicationBuilder builder, string name)
    {
        // No special characters: a connection string of StackExchange.Redis has no escape for a comma.
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var redis = new RedisServerResource(name, password);

        string? connectionString = null;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(
            redis, async (_, cancellationToken) => connectionString = await redis.ConnectionStringExpression.GetValueAsync(cancellationToken));
        var check = $"{name}_check";
        builder.Services.AddHealthChecks().AddRedis(
            _ => connectionString ?? throw new InvalidOperationException($"{name} has no address yet."), name: check);

        return builder.AddResource(redis)
            .WithArgs("-c", RedisServerResource.Script)
            .WithEndpoint(name: RedisServerResource.EndpointName, scheme: "tcp", env: RedisServerResource.PortVariable)
            .WithEnvironment(RedisServerResource.PasswordVariable, password)
            .WithHealthCheck(check);
    }
}
