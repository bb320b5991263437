namespace Aspire.Hosting.ApplicationModel;

/// <summary>An instance has changed.</summary>
/// <param name="resource">The resource.</param>
/// <param name="resourceId">The id of the instance: the resource's name, a dash and eight letters.</param>
/// <param name="snapshot">The instance as it is now.</param>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The id of the instance: the resource's name, a dash and eight letters.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>The instance as it is now.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
