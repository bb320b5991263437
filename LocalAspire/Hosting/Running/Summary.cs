using Aspire.Hosting.ApplicationModel;

namespace LocalAspire;

/// <summary>What a user sees first: the resources and where they are.</summary>
internal static class Summary
{
    public static IEnumerable<string> Lines(
        DistributedApplicationModel model, ResourceNotificationService notifications, IEnumerable<string> dashboard)
    {
        var shown = model.Resources.Where(resource => resource is not ParameterResource).ToArray();
        var width = shown.Select(resource => resource.Name.Length).DefaultIfEmpty().Max();
        yield return "";
        foreach (var resource in shown)
        {
            var replicas = resource.GetReplicaCount() is > 1 and var count ? $"  ({count} replicas)" : "";
            yield return $"  {resource.Name.PadRight(width)}  {string.Join("  ", Urls(resource, notifications))}{replicas}".TrimEnd();
        }

        yield return "";
        foreach (var line in dashboard)
            yield return line;
        yield return "  Press Ctrl+C to stop.";
        yield return "";
    }

    private static IEnumerable<string> Urls(IResource resource, ResourceNotificationService notifications) =>
        notifications.TryGetCurrentState(resource.GetInstanceIds()[0], out var instance) ? instance.Snapshot.Urls.Select(url => url.Url) : [];
}
