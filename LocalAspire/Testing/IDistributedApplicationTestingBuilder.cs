using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>An AppHost's application as its entry point described it, for a test to change and build.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Builds the application. Can be called once.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

internal sealed class TestingBuilder : IDistributedApplicationTestingBuilder
{
    private readonly DistributedApplicationBuilder _inner;
    private readonly EntryPointRun _run;
    private DistributedApplication? _application;

    public TestingBuilder(DistributedApplicationBuilder inner, EntryPointRun run)
    {
        (_inner, _run) = (inner, run);
        Services.AddHttpClient();
    }

    public ConfigurationManager Configuration => _inner.Configuration;

    public string AppHostDirectory => _inner.AppHostDirectory;

    public Assembly? AppHostAssembly => _inner.AppHostAssembly;

    public IHostEnvironment Environment => _inner.Environment;

    public IServiceCollection Services => _inner.Services;

    public DistributedApplicationExecutionContext ExecutionContext => _inner.ExecutionContext;

    public IResourceCollection Resources => _inner.Resources;

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => _inner.AddResource(resource);

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => _inner.CreateResourceBuilder(resource);

    public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();

    public async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
        _application = await _run.BuildAsync(cancellationToken);

    public void Dispose()
    {
        _run.Abandon();
        _application?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _run.Abandon();
        if (_application is { } application)
            await application.DisposeAsync();
    }
}
