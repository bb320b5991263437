using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A .NET project; each of its replicas is a process.</summary>
    /// <param name="name">The name of the resource.</param>
    public class ProjectResource(string name)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;

    /// <summary>A server that Aspire runs as a container, and LocalAspire as a process of this machine.</summary>
    /// <param name="name">The name of the resource.</param>
    public abstract class ContainerResource(string name)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport;
}

namespace Aspire.Hosting
{
    /// <summary>Says where a project lies; generated for each project that the AppHost references.</summary>
    public interface IProjectMetadata : IResourceAnnotation
    {
        /// <summary>Full path of the project file.</summary>
        string ProjectPath { get; }

        /// <summary>The launch settings; null: those beside the project.</summary>
        LaunchSettings? LaunchSettings => null;

        /// <summary>True where the AppHost's build has built it.</summary>
        bool SuppressBuild => false;
    }
}

namespace LocalAspire
{
    /// <summary>Says where the build put a project's assembly; LocalAspire starts that file.</summary>
    /// <param name="path">Full path of the assembly.</param>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class BuiltAssemblyAttribute(string path) : Attribute
    {
        /// <summary>Full path of the assembly.</summary>
        public string Path { get; } = path;
    }
}
