using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows the state of every instance, and tells of each change. All members may be called from any thread.</summary>
public class ResourceNotificationService
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ChannelWriter<ResourceEvent>> _watchers = [];
    private readonly IServiceProvider _services;
    private readonly WaitBehavior _defaultWaitBehavior;

    internal ResourceNotificationService(IServiceProvider services, WaitBehavior defaultWaitBehavior) =>
        (_services, _defaultWaitBehavior) = (services, defaultWaitBehavior);

    /// <summary>Yields the state of every instance, then each change, in order.</summary>
    /// <param name="cancellationToken">Ends the watch.</param>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var changes = Channel.CreateUnbounded<ResourceEvent>();
        lock (_gate)
        {
            foreach (var current in _current.Values)
                changes.Writer.TryWrite(current);
            _watchers.Add(changes.Writer);
        }

        try
        {
            await foreach (var change in changes.Reader.ReadAllAsync(cancellationToken))
                yield return change;
        }
        finally
        {
            lock (_gate)
                _watchers.Remove(changes.Writer);
        }
    }

    /// <summary>Gets the last known state of an instance.</summary>
    /// <param name="resourceId">The id of the instance, or the name of a resource that has only one.</param>
    /// <param name="resourceEvent">Its state.</param>
    /// <returns>False where there is no such instance.</returns>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        if (_current.TryGetValue(resourceId, out resourceEvent))
            return true;
        var named = _current.Values.Where(known => string.Equals(known.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase)).Take(2).ToArray();
        resourceEvent = named is [var only] ? only : null;
        return resourceEvent is not null;
    }

    /// <summary>Changes the state of all instances of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="stateFactory">Makes the new state of the old one. Must be fast, and must not call this service.</param>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        foreach (var id in resource.GetInstanceIds())
            Publish(resource, id, stateFactory);
        return Task.CompletedTask;
    }

    /// <summary>Changes the state of one instance.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="resourceId">The id of the instance.</param>
    /// <param name="stateFactory">Makes the new state of the old one. Must be fast, and must not call this service.</param>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        Publish(resource, resourceId, stateFactory);
        return Task.CompletedTask;
    }

    internal void Publish(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_gate)
        {
            var old = _current.TryGetValue(resourceId, out var known) ? known.Snapshot
                : new CustomResourceSnapshot { ResourceType = resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal), Properties = [] };
            var changed = stateFactory(old);
            changed = changed with { Commands = resource.SnapshotCommands(changed, _services) };
            var change = new ResourceEvent(resource, resourceId, changed);
            _current[resourceId] = change;
            foreach (var watcher in _watchers)
                watcher.TryWrite(change);
        }
    }

    /// <summary>Waits until an instance of a resource is in a state.</summary>
    /// <param name="resourceName">The name of the resource, or the id of an instance.</param>
    /// <param name="targetState">The state; null: Running.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits until an instance of a resource is in one of several states.</summary>
    /// <param name="resourceName">The name of the resource, or the id of an instance.</param>
    /// <param name="targetStates">The states.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state it reached.</returns>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(
            resourceName, change => change.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until a condition holds for an instance of a resource.</summary>
    /// <param name="resourceName">The name of the resource, or the id of an instance.</param>
    /// <param name="predicate">The condition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The instance when it held.</returns>
    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            var isMeant = string.Equals(change.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase)
                || string.Equals(change.ResourceId, resourceName, StringComparison.OrdinalIgnoreCase);
            if (isMeant && predicate(change))
                return change;
        }

        throw new OperationCanceledException($"The wait for resource '{resourceName}' was ended.", cancellationToken);
    }

    /// <summary>Waits until an instance of a resource is healthy.</summary>
    /// <param name="resourceName">The name of the resource, or the id of an instance.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DistributedApplicationException">It stopped or failed to start, where the application does not wait on.</exception>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, _defaultWaitBehavior, cancellationToken);

    /// <summary>Waits until an instance of a resource is healthy.</summary>
    /// <param name="resourceName">The name of the resource, or the id of an instance.</param>
    /// <param name="waitBehavior">What becomes of the wait when the instance stops or fails to start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DistributedApplicationException">It stopped or failed to start, where the wait was to end then.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(
            resourceName,
            change => change.Snapshot.HealthStatus == HealthStatus.Healthy
                || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && IsUnavailable(change.Snapshot)),
            cancellationToken);
        return reached.Snapshot.HealthStatus == HealthStatus.Healthy ? reached : throw new DistributedApplicationException(
            $"Stopped waiting for resource '{resourceName}' to become healthy because it failed to start.");
    }

    /// <summary>Waits for everything that a resource waits for: with every replica of it.</summary>
    /// <param name="resource">The resource that waits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DistributedApplicationException">A dependency failed, where the wait was to end then.</exception>
    public Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken) => Task.WhenAll(
        from wait in resource.Annotations.OfType<WaitAnnotation>()
        from id in wait.Resource.GetInstanceIds()
        select WaitForDependencyAsync(wait, id, cancellationToken));

    private async Task WaitForDependencyAsync(WaitAnnotation wait, string id, CancellationToken cancellationToken)
    {
        var stopsEarly = (wait.WaitBehavior ?? _defaultWaitBehavior) == WaitBehavior.StopOnResourceUnavailable;
        var reached = await WaitForResourceAsync(
            id, change => IsDone(wait.WaitType, change.Snapshot) || (stopsEarly && IsUnavailable(change.Snapshot)), cancellationToken);
        var snapshot = reached.Snapshot;
        if (!IsDone(wait.WaitType, snapshot))
            throw new DistributedApplicationException($"Resource '{id}' has entered the '{snapshot.State?.Text}' state prematurely.");
        if (wait.WaitType == WaitType.WaitForCompletion && snapshot.ExitCode != wait.ExitCode)
            throw new DistributedApplicationException(
                $"Resource '{id}' has entered the '{snapshot.State?.Text}' state with exit code '{snapshot.ExitCode}', expected '{wait.ExitCode}'.");
    }

    private static bool IsDone(WaitType type, CustomResourceSnapshot snapshot) => type switch
    {
        WaitType.WaitUntilHealthy => snapshot.HealthStatus == HealthStatus.Healthy,
        WaitType.WaitUntilStarted => snapshot.State?.Text == KnownResourceStates.Running,
        _ => snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text),
    };

    private static bool IsUnavailable(CustomResourceSnapshot snapshot) =>
        snapshot.State is { } state && (KnownResourceStates.TerminalStates.Contains(state.Text) || state.Text == KnownResourceStates.RuntimeUnhealthy);
}
