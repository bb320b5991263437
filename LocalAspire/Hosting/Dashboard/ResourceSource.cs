using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalAspire.Dashboard.Resources;

namespace LocalAspire;

/// <summary>The application's instances, as the dashboard asks for them.</summary>
internal sealed class ResourceSource(
    DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService loggers, ResourceCommandService commands)
    : IResourceSource
{
    private readonly Lazy<IReadOnlyList<string>> _secrets = new(() => SecretValues(model));

    public IReadOnlyList<Instance> Current =>
    [
        .. from resource in model.Resources
           from id in resource.GetInstanceIds()
           let known = notifications.TryGetCurrentState(id, out var state) ? state : null
           where known is { Snapshot.IsHidden: false }
           select ToInstance(known),
    ];

    public async IAsyncEnumerable<Instance> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            if (!change.Snapshot.IsHidden)
                yield return ToInstance(change);
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<ConsoleLine>> WatchConsoleAsync(
        string instanceId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entries in loggers.Log(instanceId).WatchAsync(cancellationToken))
            yield return [.. entries.Select(ToLine)];
    }

    public IReadOnlyList<ConsoleLine> Console(string instanceId) => [.. loggers.Log(instanceId).Snapshot().Select(ToLine)];

    public async Task<string?> ExecuteAsync(string instanceId, string command, CancellationToken cancellationToken)
    {
        var result = await commands.ExecuteCommandAsync(instanceId, command, cancellationToken);
        return result.Success ? null : result.Canceled ? "The command was cancelled." : result.Message ?? "The command failed.";
    }

    private static ConsoleLine ToLine(ResourceLogEntry entry) => new(entry.Number, entry.Time, entry.Text, entry.IsError);

    private Instance ToInstance(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        var isRunning = snapshot.State?.Text is { } state && (state == KnownResourceStates.Running || state == KnownResourceStates.Stopping);
        return new Instance(change.ResourceId, change.Resource.Name, snapshot.ResourceType)
        {
            Order = model.Resources.IndexOf(change.Resource),
            State = snapshot.State?.Text ?? "Unknown",
            Health = snapshot.ResourceType == "Parameter" ? null : snapshot.HealthStatus?.ToString(),
            Started = snapshot.StartTimeStamp,
            Stopped = snapshot.StopTimeStamp,
            ExitCode = snapshot.ExitCode,
            ProcessId = isRunning ? Property(snapshot, "executable.pid") as int? : null,
            Source = Source(snapshot),
            Urls = [.. snapshot.Urls.OrderByDescending(url => url.DisplayProperties.SortOrder).Select(ToUrl)],
            Commands = [.. snapshot.Commands.Where(command => command.State != ResourceCommandState.Hidden).Select(command => new InstanceCommand(
                command.Name, command.DisplayName, command.DisplayDescription, command.ConfirmationMessage,
                command.State == ResourceCommandState.Enabled, command.IsHighlighted))],
            HealthReports = [.. snapshot.HealthReports.Select(report => new HealthReport(
                report.Name, report.Status?.ToString(), report.ExceptionText ?? report.Description, report.LastRunAt))],
            Relationships = [.. snapshot.Relationships.Select(other => $"{other.ResourceName} ({other.Type})")],
            Properties = [.. snapshot.Properties.Select(property => new InstanceFact(property.Name, Text(property.Value), property.IsSensitive))],
            Environment = [.. snapshot.EnvironmentVariables.OrderBy(variable => variable.Name, StringComparer.Ordinal).Select(variable => new InstanceFact(
                variable.Name, variable.Value, IsSecret(variable), IsInherited: !variable.IsFromSpec))],
        };
    }

    private bool IsSecret(EnvironmentVariableSnapshot variable) =>
        Secrets.IsSecret(variable.Name, variable.Value)
        || (variable.Value is { } value && _secrets.Value.Any(secret => value.Contains(secret, StringComparison.Ordinal)));

    private static List<string> SecretValues(DistributedApplicationModel model)
    {
        var values = new List<string>();
        foreach (var parameter in model.Resources.OfType<ParameterResource>().Where(parameter => parameter.Secret))
        {
            try
            {
                // Comes from the configuration, so it is there at once.
                if (parameter.GetValueAsync().AsTask().GetAwaiter().GetResult() is { Length: > 0 } value)
                    values.Add(value);
            }
            catch (DistributedApplicationException)
            {
                // It was never given a value, so no variable has it.
            }
        }

        return values;
    }

    private static InstanceUrl ToUrl(UrlSnapshot url) =>
        new(url.DisplayProperties.DisplayName is { Length: > 0 } text ? text : url.Url, url.Url);

    private static string? Source(CustomResourceSnapshot snapshot) =>
        Path.GetFileName(Text(Property(snapshot, "project.path")) ?? Text(Property(snapshot, "executable.path")));

    private static object? Property(CustomResourceSnapshot snapshot, string name) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value;

    private static string? Text(object? value) => value switch
    {
        null => null,
        ImmutableArray<string> arguments => string.Join(' ', arguments),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
