using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace LocalAspire;

/// <summary>
/// Runs the application:
/// 1. everything is there that the resources need;
/// 2. every endpoint gets its address, so that all references can be resolved;
/// 3. every instance starts, each waiting for its own dependencies;
/// 4. at the end the services stop first, all at once, then the servers they use.
/// </summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService loggers, HealthCheckService healthChecks,
    ProcessEnvironment environment, DistributedApplicationExecutionContext executionContext, IConfiguration configuration)
    : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<ResourceInstance> _instances = [];
    private readonly List<EndpointProxy> _proxies = [];
    private readonly List<HealthMonitor> _monitors = [];
    private Guardian? _guardian;
    private bool _isDisposed;

    public IReadOnlyList<ResourceInstance> Instances => _instances;

    public ResourceInstance GetInstance(string id) => _instances.Single(instance => instance.Id == id);

    /// <summary>Steps 1 and 2. Nothing was started where this fails.</summary>
    /// <exception cref="DistributedApplicationException">Something is missing, or a port is in use; the message is for the user.</exception>
    public void Prepare()
    {
        if (!OperatingSystem.IsLinux())
            throw new DistributedApplicationException("LocalAspire runs on Linux only; build with -p:UseLocalAspire=false to use Aspire itself.");
        var launchers = model.Resources.Select(resource => (Resource: resource, Launcher: CreateLauncher(resource))).ToArray();
        foreach (var (_, launcher) in launchers)
            launcher?.Verify();
        foreach (var (resource, launcher) in launchers)
            AddInstances(resource, launcher);
        foreach (var resource in model.Resources.OfType<IResourceWithEndpoints>())
            AllocateEndpoints(resource);
        foreach (var resource in model.Resources)
            InitialSnapshot.Publish(resource, notifications, executionContext);
    }

    /// <summary>Step 3.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _guardian = new Guardian();
        foreach (var proxy in _proxies)
            proxy.Start();
        foreach (var monitor in _monitors)
            _ = monitor.RunAsync(_stopping.Token);
        foreach (var instance in _instances.Where(instance => !instance.Resource.TryGetLastAnnotation<ExplicitStartupAnnotation>(out _)))
            instance.Start();
        return Task.CompletedTask;
    }

    /// <summary>Step 4.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_instances.Where(instance => instance.Resource is ProjectResource).Select(instance => instance.StopAsync()));
        await Task.WhenAll(_instances.Select(instance => instance.StopAsync()));
    }

    /// <summary>Ends every process now; <see cref="StopAsync"/> returns soon after.</summary>
    public void KillAll()
    {
        foreach (var instance in _instances)
            instance.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        // The application disposes it first, and the container of the services once more.
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await StopAsync(CancellationToken.None);
        foreach (var proxy in _proxies)
            await proxy.DisposeAsync();
        foreach (var instance in _instances)
            instance.Dispose();
        _stopping.Dispose();
        if (_guardian is not null)
            await _guardian.DisposeAsync();
    }

    private Launcher? CreateLauncher(IResource resource) => resource switch
    {
        ProjectResource project => new ProjectLauncher(project, environment),
        RedisResource redis => new RedisLauncher(redis, environment, () => _guardian!.TemporaryFolder),
        _ => null,
    };

    private void AddInstances(IResource resource, Launcher? launcher)
    {
        if (launcher is null)
            return;
        var monitor = resource.TryGetLastAnnotation<HealthCheckAnnotation>(out _) ? new HealthMonitor(resource, healthChecks, notifications) : null;
        if (monitor is not null)
            _monitors.Add(monitor);
        var instances = Enumerable.Range(0, resource.GetReplicaCount())
            .Select(_ => new ResourceInstance(resource, launcher, () => _guardian!, monitor, notifications, loggers)).ToArray();
        _instances.AddRange(instances);
        resource.Annotations.Add(new InstanceIdsAnnotation([.. instances.Select(instance => instance.Id)]));
    }

    private void AllocateEndpoints(IResourceWithEndpoints resource)
    {
        var randomize = configuration.GetValue("DcpPublisher:RandomizePorts", false);
        var instances = _instances.Where(instance => instance.Resource == resource).ToArray();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var wanted = randomize ? null : endpoint.Port;
            var proxy = endpoint.IsProxied ? EndpointProxy.TryBind(wanted) ?? throw PortInUse(resource, endpoint) : null;
            if (proxy is not null)
                _proxies.Add(proxy);
            else if (wanted is { } port && !FreePorts.IsFree(port))
                throw PortInUse(resource, endpoint);
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, endpoint.TargetHost, proxy?.Port ?? wanted ?? FreePorts.Next());
            foreach (var instance in instances)
                instance.Listen(endpoint, proxy is null ? endpoint.AllocatedEndpoint.Port : FreePorts.Next(), proxy);
        }
    }

    private static DistributedApplicationException PortInUse(IResource resource, EndpointAnnotation endpoint) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"Port {endpoint.Port}, which the endpoint '{endpoint.Name}' of '{resource.Name}' needs, is in use by another program; stop that program first."));
}
