using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LocalAspire;

/// <summary>Knows how to start the processes of one kind of resource.</summary>
internal abstract class Launcher
{
    /// <summary>Says in one sentence what is missing to start the resource.</summary>
    /// <exception cref="DistributedApplicationException">Something is missing.</exception>
    public abstract void Verify();

    /// <summary>Describes the process of one instance.</summary>
    public abstract Task<ProcessSpec> DescribeAsync(ResourceInstance instance, CancellationToken cancellationToken);
}

/// <summary>
/// Starts the built assembly of a project in the project's folder. Aspire's own command is <c>dotnet run --no-build</c>, which keeps a second
/// process between the AppHost and the service, and evaluates the project for each replica; started directly, signals reach the
/// service itself, and it starts in a third of the time.
/// </summary>
internal sealed class ProjectLauncher(ProjectResource resource, ProcessEnvironment environment) : Launcher
{
    private readonly IProjectMetadata _project = resource.Annotations.OfType<IProjectMetadata>().Last();

    private string Assembly => _project.GetType().GetCustomAttribute<BuiltAssemblyAttribute>()?.Path ?? throw new DistributedApplicationException(
        $"The project '{_project.ProjectPath}' is not a project reference of the AppHost, so it is unknown where its assembly lies.");

    public override void Verify()
    {
        if (!File.Exists(Assembly))
            throw new DistributedApplicationException($"The project '{resource.Name}' is not built ('{Assembly}' is missing); run dotnet build first.");
    }

    public override async Task<ProcessSpec> DescribeAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var variables = environment.ForService(instance);
        var urls = resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.UriScheme is "http" or "https")
            .Select(endpoint => $"{endpoint.UriScheme}://localhost:{instance.PortOf(endpoint)}").ToArray();
        if (urls.Length > 0)
            variables["ASPNETCORE_URLS"] = string.Join(';', urls);
        return new ProcessSpec(
            DotNetHost, [Assembly, .. resource.ResolveArguments()], Path.GetDirectoryName(_project.ProjectPath)!,
            await environment.ResolveAsync(resource, variables, cancellationToken));
    }

    /// <summary>The dotnet that runs this AppHost.</summary>
    private static string DotNetHost => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
}

/// <summary>Starts redis-server. The configuration goes through its input, so that the password is not in the list of processes.</summary>
internal sealed class RedisLauncher(RedisResource resource, ProcessEnvironment environment, Func<string> temporaryFolder) : Launcher
{
    public override void Verify()
    {
        if (FindServer() is null)
            throw new DistributedApplicationException(
                "There is no redis-server on the PATH; install it, on Debian and Ubuntu with: sudo apt-get install redis-server");
    }

    public override async Task<ProcessSpec> DescribeAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(temporaryFolder(), instance.Id)).FullName;
        var password = await resource.PasswordParameter!.GetValueAsync(cancellationToken);
        var savePoint = resource.TryGetLastAnnotation<PersistenceAnnotation>(out var persistence) ? persistence.SavePoint : "\"\"";
        var configuration = new StringBuilder()
            .Append("bind 127.0.0.1 -::1\n")
            .Append("port ").Append(resource.PrimaryEndpoint.Port).Append('\n')
            .Append("requirepass \"").Append(password).Append("\"\n")
            .Append("dir \"").Append(folder).Append("\"\n")
            .Append("save ").Append(savePoint).Append('\n');
        return new ProcessSpec(
            FindServer() ?? "redis-server", ["-", .. resource.ResolveArguments()], folder,
            await environment.ResolveAsync(resource, [], cancellationToken))
        {
            Input = configuration.ToString(),
        };
    }

    private static string? FindServer() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);
}
