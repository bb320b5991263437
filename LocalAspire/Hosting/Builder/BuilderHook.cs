using Aspire.Hosting;
using Microsoft.Extensions.Hosting;

namespace LocalAspire;

/// <summary>
/// Lets a test take part while an AppHost's own entry point builds the application. It follows the flow of execution, so that several
/// tests in one process do not meet.
/// </summary>
internal sealed class BuilderHook
{
    private static readonly AsyncLocal<BuilderHook?> Flow = new();

    public static BuilderHook? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <summary>Called before the builder exists, to change its options.</summary>
    public required Action<DistributedApplicationOptions, HostApplicationBuilderSettings> Constructing { get; init; }

    /// <summary>Called when the application is about to be built; returns when it shall be.</summary>
    public required Action<DistributedApplicationBuilder> Building { get; init; }

    /// <summary>Called when the application was built. From then on the test starts and stops it, not the entry point.</summary>
    public required Action<DistributedApplication> Built { get; init; }
}
