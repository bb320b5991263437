namespace Aspire.Hosting.ApplicationModel;

/// <summary>A command that a user can give to a resource.</summary>
/// <param name="name">The name by which it is called.</param>
/// <param name="displayName">What its button says.</param>
/// <param name="updateState">Whether it can be called, by the resource's state.</param>
/// <param name="executeCommand">Does it, for one instance.</param>
/// <param name="options">How it is shown.</param>
public sealed class ResourceCommandAnnotation(
    string name, string displayName, Func<UpdateCommandStateContext, ResourceCommandState> updateState,
    Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, CommandOptions options) : IResourceAnnotation
{
    /// <summary>The name by which it is called.</summary>
    public string Name { get; } = name;

    /// <summary>What its button says.</summary>
    public string DisplayName { get; } = displayName;

    /// <summary>Whether it can be called, by the resource's state.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState> UpdateState { get; } = updateState;

    /// <summary>Does it, for one instance.</summary>
    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; } = executeCommand;

    /// <summary>A sentence about what it does.</summary>
    public string? DisplayDescription => options.Description;

    /// <summary>A question that the user must confirm first.</summary>
    public string? ConfirmationMessage => options.ConfirmationMessage;

    /// <summary>The name of its icon.</summary>
    public string? IconName => options.IconName;

    /// <summary>True: shown beside the resource, not only in its menu.</summary>
    public bool IsHighlighted => options.IsHighlighted;
}

/// <summary>How a command is shown, and when it can be called.</summary>
public class CommandOptions
{
    /// <summary>A sentence about what it does.</summary>
    public string? Description { get; set; }

    /// <summary>A question that the user must confirm first.</summary>
    public string? ConfirmationMessage { get; set; }

    /// <summary>The name of its icon.</summary>
    public string? IconName { get; set; }

    /// <summary>True: shown beside the resource, not only in its menu.</summary>
    public bool IsHighlighted { get; set; }

    /// <summary>Whether it can be called, by the resource's state; null: always.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
}

/// <summary>Whether a command can be called.</summary>
public enum ResourceCommandState
{
    /// <summary>It can.</summary>
    Enabled,

    /// <summary>It is shown, but cannot be called now.</summary>
    Disabled,

    /// <summary>It is not shown.</summary>
    Hidden,
}

/// <summary>What the state of a command depends on.</summary>
public sealed class UpdateCommandStateContext
{
    /// <summary>The resource as it is now.</summary>
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }

    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }
}

/// <summary>A call of a command.</summary>
public sealed class ExecuteCommandContext
{
    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>The id of the instance for which it is called.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Ends the call.</summary>
    public required CancellationToken CancellationToken { get; init; }
}

/// <summary>What a command achieved.</summary>
public sealed class ExecuteCommandResult
{
    /// <summary>True: it did what it should.</summary>
    public required bool Success { get; init; }

    /// <summary>True: the user called it off.</summary>
    public bool Canceled { get; init; }

    /// <summary>What to tell the user; after a failure: why.</summary>
    public string? Message { get; init; }
}

/// <summary>Makes the results of commands.</summary>
public static class CommandResults
{
    /// <summary>It did what it should.</summary>
    public static ExecuteCommandResult Success() => new() { Success = true };

    /// <summary>It failed.</summary>
    /// <param name="errorMessage">Why.</param>
    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };

    /// <summary>It failed.</summary>
    /// <param name="exception">Why.</param>
    public static ExecuteCommandResult Failure(Exception exception) => Failure(exception.Message);

    /// <summary>The user called it off.</summary>
    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}

/// <summary>The commands that every process has.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts an instance that does not run.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Stops an instance.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Stops and starts an instance.</summary>
    public static readonly string RestartCommand = "restart";
}
