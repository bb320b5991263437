namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states of an instance.</summary>
public static class KnownResourceStates
{
    /// <summary>It is about to start its process.</summary>
    public static readonly string Starting = "Starting";

    /// <summary>It waits for another resource.</summary>
    public static readonly string Waiting = "Waiting";

    /// <summary>Its process runs.</summary>
    public static readonly string Running = "Running";

    /// <summary>It was told to stop.</summary>
    public static readonly string Stopping = "Stopping";

    /// <summary>The process of a project has ended, by itself or because it was told to.</summary>
    public static readonly string Finished = "Finished";

    /// <summary>The process of a server has ended.</summary>
    public static readonly string Exited = "Exited";

    /// <summary>The process could not be started.</summary>
    public static readonly string FailedToStart = "FailedToStart";

    /// <summary>What it needs to run is not there.</summary>
    public static readonly string RuntimeUnhealthy = "RuntimeUnhealthy";

    /// <summary>It starts only when told to.</summary>
    public static readonly string NotStarted = "NotStarted";

    /// <summary>States in which no process runs any more.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}
