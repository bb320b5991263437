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

    // Those that Aspire's orchestrator knows.
    private static readonly string[] ContainerEngines = ["docker", "podman"];

    private static readonly TimeSpan EngineTimeout = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Adds Redis: <c>redis-server</c> from the PATH as a process where it is installed, else Aspire's container. <c>Redis:RunAs=process</c> or
    /// <c>container</c> decides otherwise; a published manifest always has the container.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name, which is the connection string's as well.</param>
    /// <param name="checks">Gets a check that this machine can run it.</param>
    public static IResourceBuilder<IResourceWithConnectionString> AddRedisServer(
        this IDistributedApplicationBuilder builder, string name, StartupChecks checks)
    {
        var isInstalled = Executables.Find(Command) is not null;
        var form = builder.Configuration[RunAsSetting]?.ToLowerInvariant();
        if (string.IsNullOrEmpty(form))
            form = isInstalled ? Process : Container;
        if (form is not (Process or Container))
            checks.Add(() => Task.FromResult<string?>($"The setting {RunAsSetting} is {Process} or {Container}, and not '{form}'."));
        else if (form == Container)
            checks.Add(() => FindContainerProblemAsync(isInstalled));
        else if (!isInstalled)
            checks.Add(() => Task.FromResult<string?>($"There is no {Command} on the PATH, which {RunAsSetting}={Process} asks for: install Redis."));
        return form == Process && !builder.ExecutionContext.IsPublishMode ? builder.AddRedisProcess(name) : builder.AddRedis(name);
    }

    private static async Task<string?> FindContainerProblemAsync(bool isInstalled)
    {
        var answers = await Task.WhenAll(ContainerEngines.Select(engine => Executables.SucceedsAsync(engine, "info", EngineTimeout)));
        if (answers.Contains(true))
            return null;
        var engines = string.Join(", ", ContainerEngines);
        return isInstalled
            ? $"No container engine ({engines}) answers, which {RunAsSetting}={Container} needs: start one, or leave the setting out to run {Command}."
            : $"There is no {Command} on the PATH and no container engine ({engines}) that answers: install Redis (apt-get install redis-server, brew install redis), or start an engine.";
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
