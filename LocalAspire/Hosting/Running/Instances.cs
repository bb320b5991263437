using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel
{
    internal sealed record InstanceIdsAnnotation(IReadOnlyList<string> Ids) : IResourceAnnotation;

    internal static class InstanceExtensions
    {
        /// <summary>The ids of a resource's instances; its name where it has no processes, such as a parameter.</summary>
        public static IReadOnlyList<string> GetInstanceIds(this IResource resource) =>
            resource.Annotations.OfType<InstanceIdsAnnotation>().LastOrDefault()?.Ids ?? [resource.Name];

        public static ImmutableArray<ResourceCommandSnapshot> SnapshotCommands(
            this IResource resource, CustomResourceSnapshot snapshot, IServiceProvider services)
        {
            var context = new UpdateCommandStateContext { ResourceSnapshot = snapshot, ServiceProvider = services };
            return [.. resource.Annotations.OfType<ResourceCommandAnnotation>().Select(command => new ResourceCommandSnapshot(
                command.Name, command.UpdateState(context), command.DisplayName, command.DisplayDescription, command.ConfirmationMessage,
                command.IconName, command.IsHighlighted))];
        }
    }
}

namespace LocalAspire
{
    internal static class InstanceId
    {
        /// <summary>Eight random letters, which tell the instances of a resource apart.</summary>
        public static string NewSuffix() => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 8);
    }
}
