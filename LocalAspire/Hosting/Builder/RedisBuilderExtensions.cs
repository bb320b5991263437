using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using LocalAspire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adds Redis servers.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a Redis server with a generated password, on a free port. It keeps its data in memory, and loses it when it stops.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource, and of the connection.</param>
    /// <param name="port">The port; null: a free one.</param>
    /// <param name="password">The password; null: a generated one.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        var redis = new RedisResource(name, password?.Resource ?? ParameterResourceBuilderExtensions.CreatePassword(builder, $"{name}-password"));
        var key = $"{name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key, _ => new RedisHealthCheck(redis), null, null));
        return builder.AddResource(redis)
            .WithAnnotation(new EndpointAnnotation(
                ProtocolType.Tcp, "redis", name: RedisResource.PrimaryEndpointName, port: port, isProxied: false))
            .WithHealthCheck(key)
            .WithLifecycleCommands();
    }

    /// <summary>Lets the server write its data to disk, so that a restart finds it again.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="interval">How often it writes; null: every 60 s. Whole seconds, at least one.</param>
    /// <param name="keysChangedThreshold">How many keys must have changed since the last time.</param>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1) => builder.WithAnnotation(
            new PersistenceAnnotation(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);

    /// <summary>Gives the server a place for its data. LocalAspire's is a temporary folder, which goes when the application ends.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">Not used: the folder is always a new one.</param>
    /// <param name="isReadOnly">True: it does not write.</param>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
        isReadOnly ? builder : builder.WithPersistence();
}
