namespace Aspire.Hosting;

/// <summary>How an application is built.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The command line arguments.</summary>
    public string[]? Args { get; set; }

    /// <summary>The name of the AppHost's assembly; null: the one that was started.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>True: no dashboard.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>True: what the resources write is also logged through the AppHost's loggers.</summary>
    public bool EnableResourceLogging { get; set; }

    /// <summary>True: plain http is fine. LocalAspire has no https, so it does not ask.</summary>
    public bool AllowUnsecuredTransport { get; set; }
}

/// <summary>How an application was started.</summary>
/// <param name="operation">What it is to do.</param>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>What it is to do.</summary>
    public DistributedApplicationOperation Operation { get; } = operation;

    /// <summary>True: it runs here. Always so with LocalAspire.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>True: it is published elsewhere.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

/// <summary>What an application is to do.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>Run here.</summary>
    Run,

    /// <summary>Be published elsewhere.</summary>
    Publish,
}
