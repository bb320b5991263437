using System.Globalization;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using LocalAspire;

namespace Aspire.Hosting;

/// <summary>Adds .NET projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project; its first launch profile says which endpoints and variables it has.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource.</param>
    /// <typeparam name="TProject">The class that the build generates for each project reference.</typeparam>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject(), launchProfileName: null, excludeLaunchProfile: false);

    /// <summary>Adds a project.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource.</param>
    /// <param name="launchProfileName">The launch profile that says which endpoints and variables it has; null: none.</param>
    /// <typeparam name="TProject">The class that the build generates for each project reference.</typeparam>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() =>
        builder.AddProject(name, new TProject(), launchProfileName, excludeLaunchProfile: launchProfileName is null);

    /// <summary>Sets how many processes of a project run, behind one address.</summary>
    /// <param name="builder">The project.</param>
    /// <param name="replicas">The number of processes.</param>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
        builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);

    private static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, IProjectMetadata project, string? launchProfileName, bool excludeLaunchProfile)
    {
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation(project).WithLifecycleCommands();
        if (excludeLaunchProfile)
            return resource;
        var settings = project.LaunchSettings ?? LaunchSettings.Read(Path.GetDirectoryName(project.ProjectPath)!);
        if (settings.Select(launchProfileName) is { Value: var profile } selected)
            return resource.WithLaunchProfile(selected.Key, profile);
        return launchProfileName is null ? resource
            : throw new DistributedApplicationException($"The launch profile '{launchProfileName}' was not found in the project '{project.ProjectPath}'.");
    }

    private static IResourceBuilder<ProjectResource> WithLaunchProfile(
        this IResourceBuilder<ProjectResource> resource, string profileName, LaunchProfile profile)
    {
        resource.Resource.Annotations.Add(new LaunchProfileAnnotation(profileName));
        var countByScheme = new Dictionary<string, int>();
        foreach (var url in profile.ApplicationUrl?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var address = new Uri(url);
            var count = countByScheme[address.Scheme] = countByScheme.GetValueOrDefault(address.Scheme) + 1;
            var endpointName = count == 1 ? address.Scheme : address.Scheme + count.ToString(CultureInfo.InvariantCulture);
            resource.Resource.Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, address.Scheme, name: endpointName, port: address.Port));
        }

        return resource.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", profileName);
            foreach (var (name, value) in profile.EnvironmentVariables)
                context.EnvironmentVariables.TryAdd(name, System.Environment.ExpandEnvironmentVariables(value));
        });
    }
}

internal sealed record LaunchProfileAnnotation(string LaunchProfileName) : IResourceAnnotation;
