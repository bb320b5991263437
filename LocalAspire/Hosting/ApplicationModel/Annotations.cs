namespace Aspire.Hosting.ApplicationModel;

/// <summary>How many replicas a project gets.</summary>
/// <param name="replicas">The number of processes.</param>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    /// <summary>The number of processes.</summary>
    public int Replicas { get; } = replicas;
}

/// <summary>What a resource waits for.</summary>
public enum WaitType
{
    /// <summary>Until the other is healthy.</summary>
    WaitUntilHealthy,

    /// <summary>Until the other has ended.</summary>
    WaitForCompletion,

    /// <summary>Until the other runs.</summary>
    WaitUntilStarted,
}

/// <summary>What becomes of a wait for a resource that has stopped or failed.</summary>
public enum WaitBehavior
{
    /// <summary>It goes on: the resource may be started again.</summary>
    WaitOnResourceUnavailable,

    /// <summary>It fails.</summary>
    StopOnResourceUnavailable,
}

/// <summary>Says that a resource waits for another before it starts.</summary>
/// <param name="resource">The other resource.</param>
/// <param name="waitType">What to wait for.</param>
/// <param name="exitCode">The expected exit code, for a wait for completion.</param>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>The other resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What to wait for.</summary>
    public WaitType WaitType { get; } = waitType;

    /// <summary>What becomes of the wait when the other has stopped or failed; null: the application's default.</summary>
    public WaitBehavior? WaitBehavior { get; init; }

    /// <summary>The expected exit code, for a wait for completion.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>A health check that counts for a resource.</summary>
/// <param name="key">The name under which the check is registered.</param>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>The name under which the check is registered.</summary>
    public string Key { get; } = key;
}

/// <summary>Says that a resource starts only when told to.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;

/// <summary>Adds command line arguments.</summary>
/// <param name="callback">Called once for each start of a process.</param>
public class CommandLineArgsCallbackAnnotation(Action<IList<object>> callback) : IResourceAnnotation
{
    /// <summary>Called once for each start of a process, with the arguments so far.</summary>
    public Action<IList<object>> Callback { get; } = callback;
}

/// <summary>Sets environment variables.</summary>
public class EnvironmentCallbackAnnotation : IResourceAnnotation
{
    /// <summary>Sets variables.</summary>
    /// <param name="callback">Called once for each start of a process.</param>
    public EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback) => Callback = callback;

    /// <summary>Sets variables.</summary>
    /// <param name="callback">Called once for each start of a process.</param>
    public EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> callback) => Callback = context =>
    {
        callback(context);
        return Task.CompletedTask;
    };

    /// <summary>Called once for each start of a process.</summary>
    public Func<EnvironmentCallbackContext, Task> Callback { get; }
}

/// <summary>The variables of a process about to start.</summary>
/// <param name="executionContext">How the application was started.</param>
/// <param name="resource">The resource.</param>
/// <param name="environmentVariables">The variables so far: strings, or values known only now.</param>
/// <param name="cancellationToken">Ends the start.</param>
public class EnvironmentCallbackContext(
    DistributedApplicationExecutionContext executionContext, IResource resource, Dictionary<string, object>? environmentVariables = null,
    CancellationToken cancellationToken = default)
{
    /// <summary>How the application was started.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The variables so far: strings, or values known only now.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];

    /// <summary>Ends the start.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}
