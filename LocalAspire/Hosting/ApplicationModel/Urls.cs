namespace Aspire.Hosting.ApplicationModel;

/// <summary>A link that is shown for a resource.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>The address; one that starts with a slash is a path at the endpoint.</summary>
    public required string Url { get; set; }

    /// <summary>What the link says; null: the address.</summary>
    public string? DisplayText { get; set; }

    /// <summary>The endpoint to which the link leads.</summary>
    public EndpointReference? Endpoint { get; init; }

    /// <summary>Links with higher numbers come first.</summary>
    public int? DisplayOrder { get; set; }
}

/// <summary>The links of a resource while they are put together.</summary>
/// <param name="executionContext">How the application was started.</param>
/// <param name="resource">The resource.</param>
/// <param name="urls">The links so far.</param>
/// <param name="cancellationToken">Ends the start.</param>
public class ResourceUrlsCallbackContext(
    DistributedApplicationExecutionContext executionContext, IResource resource, List<ResourceUrlAnnotation>? urls = null,
    CancellationToken cancellationToken = default)
{
    /// <summary>How the application was started.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The links so far.</summary>
    public List<ResourceUrlAnnotation> Urls { get; } = urls ?? [];

    /// <summary>Ends the start.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

internal sealed record ResourceUrlsCallbackAnnotation(Action<ResourceUrlsCallbackContext> Callback) : IResourceAnnotation;
