using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Calls the commands of resources. May be used from any thread.</summary>
public partial class ResourceCommandService
{
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;

    internal ResourceCommandService(ResourceNotificationService notifications, ResourceLoggerService loggers, IServiceProvider services) =>
        (_notifications, _loggers, _services) = (notifications, loggers, services);

    /// <summary>Calls a command for one instance.</summary>
    /// <param name="resourceId">The id of the instance; the name of a resource with several instances is not one.</param>
    /// <param name="commandName">The command.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default) =>
        _notifications.TryGetCurrentState(resourceId, out var instance)
            ? await ExecuteAsync(instance.Resource, instance.ResourceId, commandName, cancellationToken)
            : CommandResults.Failure($"Resource '{resourceId}' not found.");

    /// <summary>Calls a command for all instances of a resource, at the same time.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="commandName">The command.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        var ids = resource.GetInstanceIds();
        var results = await Task.WhenAll(ids.Select(id => ExecuteAsync(resource, id, commandName, cancellationToken)));
        var failures = ids.Zip(results).Where(pair => !pair.Second.Success).ToArray();
        return failures switch
        {
            [] => CommandResults.Success(),
            [var only] when ids.Count == 1 => only.Second,
            _ when failures.All(failure => failure.Second.Canceled) => CommandResults.Canceled(),
            _ => CommandResults.Failure(string.Join(
                Environment.NewLine,
                failures.Select(failure => $"Resource '{failure.First}' failed with error message: {failure.Second.Message}")
                    .Prepend($"{failures.Length} command executions failed."))),
        };
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(IResource resource, string id, string commandName, CancellationToken cancellationToken)
    {
        var command = resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(known => known.Name == commandName);
        if (command is null)
            return CommandResults.Failure($"Command '{commandName}' not available for resource '{id}'.");
        var context = new ExecuteCommandContext { ServiceProvider = _services, ResourceName = id, CancellationToken = cancellationToken };
        try
        {
            return await command.ExecuteCommand(context);
        }
        catch (OperationCanceledException)
        {
            return CommandResults.Canceled();
        }
        catch (Exception error)
        {
            // The command is code of the application: whatever it throws is its result.
            LogFailure(_loggers.GetLogger(id), commandName, error);
            return CommandResults.Failure(error);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Error executing command '{CommandName}'.")]
    private static partial void LogFailure(ILogger logger, string commandName, Exception error);
}
