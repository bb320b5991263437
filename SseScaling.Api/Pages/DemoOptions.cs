namespace SseScaling.Api.Pages;

/// <summary>What the demo may break. Configuration section <c>Demo</c>.</summary>
internal sealed class DemoOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Demo";

    /// <summary>
    /// Whether anybody who reaches the API may have a replica stop, and streams say which one serves them. Default false;
    /// appsettings.Development.json sets it.
    /// </summary>
    public bool CanStopReplicas { get; set; }
}
