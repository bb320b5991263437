using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Describes an application.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>Settings from appsettings.json, user secrets, environment variables and command line; the later win.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>The AppHost's project folder.</summary>
    string AppHostDirectory { get; }

    /// <summary>The AppHost's assembly.</summary>
    Assembly? AppHostAssembly { get; }

    /// <summary>Name of the environment, such as Development.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>Services of the AppHost itself.</summary>
    IServiceCollection Services { get; }

    /// <summary>How the application was started.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The resources added so far.</summary>
    IResourceCollection Resources { get; }

    /// <summary>Adds a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <exception cref="DistributedApplicationException">There is one with this name.</exception>
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    /// <summary>Gets a builder for a resource, to say more about it.</summary>
    /// <param name="resource">The resource.</param>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;

    /// <summary>Builds the application.</summary>
    DistributedApplication Build();
}

/// <summary>Finds resources by name.</summary>
public static class DistributedApplicationBuilderExtensions
{
    /// <summary>Gets a builder for a resource that was added, to say more about it.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource.</param>
    /// <exception cref="InvalidOperationException">There is none of this name and kind.</exception>
    public static IResourceBuilder<T> CreateResourceBuilder<T>(this IDistributedApplicationBuilder builder, string name) where T : IResource =>
        builder.Resources.FirstOrDefault(resource => string.Equals(resource.Name, name, StringComparison.OrdinalIgnoreCase)) switch
        {
            T found => builder.CreateResourceBuilder(found),
            null => throw new InvalidOperationException($"Resource with name '{name}' was not found."),
            var other => throw new InvalidOperationException(
                $"Resource with name '{name}' is of type '{other.GetType()}', not '{typeof(T)}'."),
        };
}
