using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LocalAspire;

/// <summary>What is known of each instance before it starts.</summary>
internal static class InitialSnapshot
{
    public static void Publish(IResource resource, ResourceNotificationService notifications, DistributedApplicationExecutionContext executionContext)
    {
        var urls = ResolveUrls(resource, executionContext);
        ImmutableArray<RelationshipSnapshot> relationships =
        [
            .. resource.Annotations.OfType<ReferenceAnnotation>().Select(reference => new RelationshipSnapshot(reference.Resource.Name, "Reference")),
            .. resource.Annotations.OfType<WaitAnnotation>().Select(wait => new RelationshipSnapshot(wait.Resource.Name, "WaitFor")),
        ];
        foreach (var id in resource.GetInstanceIds())
        {
            notifications.Publish(resource, id, snapshot => Describe(resource, snapshot) with
            {
                ResourceType = resource is ProjectResource ? "Project" : resource is ContainerResource ? "Container" : "Parameter",
                State = resource is ParameterResource ? KnownResourceStates.Running : KnownResourceStates.NotStarted,
                CreationTimeStamp = TimeProvider.System.GetUtcNow().UtcDateTime,
                Urls = urls,
                Relationships = relationships,
            });
        }
    }

    private static CustomResourceSnapshot Describe(IResource resource, CustomResourceSnapshot snapshot)
    {
        if (resource.Annotations.OfType<IProjectMetadata>().LastOrDefault() is { } project)
            snapshot = snapshot.WithProperty("project.path", project.ProjectPath);
        if (resource.TryGetLastAnnotation<LaunchProfileAnnotation>(out var profile))
            snapshot = snapshot.WithProperty("project.launchProfile", profile.LaunchProfileName);
        return snapshot;
    }

    private static ImmutableArray<UrlSnapshot> ResolveUrls(IResource resource, DistributedApplicationExecutionContext executionContext)
    {
        if (resource is not IResourceWithEndpoints owner)
            return [];
        var context = new ResourceUrlsCallbackContext(
            executionContext, resource,
            [.. owner.GetEndpoints().Select(endpoint => new ResourceUrlAnnotation { Url = endpoint.Url, Endpoint = endpoint })]);
        foreach (var annotation in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
            annotation.Callback(context);
        return [.. context.Urls.Select(url => new UrlSnapshot(url.Endpoint?.EndpointName, Absolute(url), IsInternal: false)
        {
            DisplayProperties = new UrlDisplayPropertiesSnapshot(url.DisplayText ?? "", url.DisplayOrder ?? 0),
        })];
    }

    private static string Absolute(ResourceUrlAnnotation url) =>
        url.Url.StartsWith('/') && url.Endpoint is { } endpoint ? endpoint.Url + url.Url : url.Url;
}
