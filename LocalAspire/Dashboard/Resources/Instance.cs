namespace LocalAspire.Dashboard.Resources;

/// <summary>One instance of a resource at one moment. Times are in UTC.</summary>
internal sealed record Instance(string Id, string Resource, string Type)
{
    /// <summary>The eight letters that services send as <c>service.instance.id</c>; null where there is only one and no process.</summary>
    public string? Suffix => Id.StartsWith(Resource + "-", StringComparison.Ordinal) ? Id[(Resource.Length + 1)..] : null;

    /// <summary>The place in the application's description, from 0.</summary>
    public int Order { get; init; }

    public string State { get; init; } = "Unknown";

    /// <summary>Healthy, Degraded or Unhealthy; null while it does not run.</summary>
    public string? Health { get; init; }

    public DateTime? Started { get; init; }

    public DateTime? Stopped { get; init; }

    public int? ExitCode { get; init; }

    public int? ProcessId { get; init; }

    /// <summary>What it was started from: a project file, a program.</summary>
    public string? Source { get; init; }

    public IReadOnlyList<InstanceUrl> Urls { get; init; } = [];

    public IReadOnlyList<InstanceCommand> Commands { get; init; } = [];

    public IReadOnlyList<HealthReport> HealthReports { get; init; } = [];

    /// <summary>What it refers to and waits for, as <c>redis (WaitFor)</c>.</summary>
    public IReadOnlyList<string> Relationships { get; init; } = [];

    public IReadOnlyList<InstanceFact> Properties { get; init; } = [];

    public IReadOnlyList<InstanceFact> Environment { get; init; } = [];
}

/// <summary>A link.</summary>
internal sealed record InstanceUrl(string Text, string Url);

/// <summary>A command that can be called now, or is shown as disabled.</summary>
internal sealed record InstanceCommand(string Name, string Text, string? Description, string? Confirmation, bool IsEnabled, bool IsHighlighted);

/// <summary>The last result of a health check; the status is null before its first run.</summary>
internal sealed record HealthReport(string Name, string? Status, string? Description, DateTime? LastRun);

/// <summary>A named value. A secret one is sent to the browser only when the user asks for it.</summary>
internal sealed record InstanceFact(string Name, string? Value, bool IsSecret, bool IsInherited = false);
