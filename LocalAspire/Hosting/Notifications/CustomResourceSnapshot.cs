using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One instance of a resource at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>What it is: Project, Container, Parameter.</summary>
    public required string ResourceType { get; init; }

    /// <summary>Facts by name, such as <c>executable.pid</c> and <c>project.path</c>.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>When it was added, in UTC.</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>When its process last started, in UTC.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When its process last ended, in UTC.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>The state, one of <see cref="KnownResourceStates"/>.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>The exit code of its last process: 128 + n after signal n.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The worst of the health reports while it runs, healthy if it has none; null when it does not run.</summary>
    public HealthStatus? HealthStatus => State?.Text != KnownResourceStates.Running ? null
        : HealthReports.IsDefaultOrEmpty ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
        : HealthReports.Min(report => report.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);

    /// <summary>The last result of each health check.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    /// <summary>The variables of its process.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>Its links.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>Its commands, as they can be called now.</summary>
    public ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    /// <summary>What it refers to and waits for.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>True: not shown.</summary>
    public bool IsHidden { get; init; }

    internal CustomResourceSnapshot WithProperty(string name, object? value, bool sensitive = false) => this with
    {
        Properties = Properties.RemoveAll(property => property.Name == name).Add(new ResourcePropertySnapshot(name, value) { IsSensitive = sensitive }),
    };
}

/// <summary>A state.</summary>
/// <param name="Text">Its name.</param>
/// <param name="Style">How it is shown.</param>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state without a style.</summary>
    /// <param name="s">Its name.</param>
    public static implicit operator ResourceStateSnapshot?(string? s) => FromString(s);

    /// <summary>A state without a style.</summary>
    /// <param name="s">Its name.</param>
    public static ResourceStateSnapshot? FromString(string? s) => s is null ? null : new(s, null);
}

/// <summary>A fact about an instance.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>True: masked where it is shown.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>A variable of a process.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsFromSpec">True: set by the application, not inherited.</param>
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>A link.</summary>
/// <param name="Name">The endpoint's name.</param>
/// <param name="Url">The address.</param>
/// <param name="IsInternal">True: leads to one process rather than to the resource.</param>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>How it is shown.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();
}

/// <summary>How a link is shown.</summary>
/// <param name="DisplayName">What it says; empty: the address.</param>
/// <param name="SortOrder">Higher comes first.</param>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

/// <summary>The last result of a health check.</summary>
/// <param name="Name">The check.</param>
/// <param name="Status">Its result; null: not yet run.</param>
/// <param name="Description">What it says.</param>
/// <param name="ExceptionText">The error it met.</param>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    /// <summary>When it ran, in UTC.</summary>
    public DateTime? LastRunAt { get; init; }
}

/// <summary>A command of an instance.</summary>
/// <param name="Name">The name by which it is called.</param>
/// <param name="State">Whether it can be called.</param>
/// <param name="DisplayName">What its button says.</param>
/// <param name="DisplayDescription">What it does.</param>
/// <param name="ConfirmationMessage">A question that the user must confirm first.</param>
/// <param name="IconName">Its icon.</param>
/// <param name="IsHighlighted">True: shown beside the instance, not only in its menu.</param>
public sealed record ResourceCommandSnapshot(
    string Name, ResourceCommandState State, string DisplayName, string? DisplayDescription, string? ConfirmationMessage, string? IconName,
    bool IsHighlighted);

/// <summary>What an instance has to do with another resource.</summary>
/// <param name="ResourceName">The other.</param>
/// <param name="Type">Reference or WaitFor.</param>
public sealed record RelationshipSnapshot(string ResourceName, string Type);
