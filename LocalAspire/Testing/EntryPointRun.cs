using System.Reflection;
using System.Runtime.ExceptionServices;
using LocalAspire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// One run of an AppHost's entry point, on a thread of its own:
/// 1. it makes a builder, with the options of a test;
/// 2. when it builds, it waits until the test builds;
/// 3. when it runs the application, it only waits for its end: the test starts and stops it.
/// </summary>
internal sealed class EntryPointRun
{
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Assembly _assembly;
    private readonly string[] _args;
    private readonly Action<DistributedApplicationOptions, HostApplicationBuilderSettings> _configure;

    public EntryPointRun(Assembly assembly, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    {
        (_assembly, _args, _configure) = (assembly, args, configure);
        new Thread(Run) { IsBackground = true, Name = $"{assembly.GetName().Name}.EntryPoint" }.Start();
    }

    public Task<DistributedApplicationBuilder> WaitForBuilderAsync(CancellationToken cancellationToken) => _builder.Task.WaitAsync(cancellationToken);

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _mayBuild.TrySetResult();
        return _application.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends a run that nobody will build.</summary>
    public void Abandon() => _mayBuild.TrySetCanceled();

    private void Run()
    {
        BuilderHook.Current = new BuilderHook
        {
            Constructing = Configure,
            Building = builder =>
            {
                _builder.TrySetResult(builder);
                _mayBuild.Task.GetAwaiter().GetResult();
            },
            Built = application => _application.TrySetResult(application),
        };
        try
        {
            Invoke(_assembly.EntryPoint ?? throw new InvalidOperationException($"The assembly '{_assembly.GetName().Name}' has no entry point."));
            Fail(new InvalidOperationException("The entry point exited without building a DistributedApplication."));
        }
        catch (Exception error)
        {
            // Whatever the AppHost throws is for the test that waits for it.
            Fail(error);
        }
    }

    private void Invoke(MethodInfo entryPoint)
    {
        try
        {
            entryPoint.Invoke(null, entryPoint.GetParameters().Length == 0 ? [] : [_args]);
        }
        catch (TargetInvocationException error) when (error.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
        }
    }

    private void Fail(Exception error)
    {
        _builder.TrySetException(error);
        _application.TrySetException(error);
        // Nobody may be waiting for them any more.
        _ = _builder.Task.Exception;
        _ = _application.Task.Exception;
    }

    private void Configure(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        options.Args = settings.Args = _args;
        options.AssemblyName = _assembly.GetName().Name;
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        settings.Configuration ??= new ConfigurationManager();
        settings.Configuration.AddInMemoryCollection(LaunchProfileSettings());
        settings.Configuration.AddInMemoryCollection([new("DcpPublisher:RandomizePorts", "true")]);
        _configure(options, settings);
    }

    /// <summary>The variables of the AppHost's first launch profile, as `dotnet run` would set them.</summary>
    private IEnumerable<KeyValuePair<string, string?>> LaunchProfileSettings()
    {
        var folder = _assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == "apphostprojectpath")?.Value;
        if (folder is null || LaunchSettings.Read(folder).Select(name: null) is not { Value: var profile })
            yield break;
        foreach (var (name, value) in profile.EnvironmentVariables)
        {
            yield return new(name, value);
            if (name.StartsWith("DOTNET_", StringComparison.Ordinal))
                yield return new(name["DOTNET_".Length..], value);
        }
    }
}
