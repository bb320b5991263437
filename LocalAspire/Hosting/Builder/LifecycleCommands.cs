using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace LocalAspire;

/// <summary>The commands start, stop and restart, which every instance of a process has.</summary>
internal static class LifecycleCommands
{
    public static IResourceBuilder<T> WithLifecycleCommands<T>(this IResourceBuilder<T> builder) where T : IResource => builder
        .WithCommand(KnownResourceCommands.StartCommand, "Start", context => RunAsync(context, start: true, stop: false), new CommandOptions
        {
            Description = "Start this instance",
            IconName = "Play",
            IsHighlighted = true,
            UpdateState = context => IsDown(context.ResourceSnapshot) ? ResourceCommandState.Enabled : ResourceCommandState.Hidden,
        })
        .WithCommand(KnownResourceCommands.StopCommand, "Stop", context => RunAsync(context, start: false, stop: true), new CommandOptions
        {
            Description = "Stop this instance",
            IconName = "Stop",
            IsHighlighted = true,
            UpdateState = context => IsDown(context.ResourceSnapshot) ? ResourceCommandState.Hidden : EnabledUnlessStopping(context.ResourceSnapshot),
        })
        .WithCommand(KnownResourceCommands.RestartCommand, "Restart", context => RunAsync(context, start: true, stop: true), new CommandOptions
        {
            Description = "Stop this instance and start it again",
            IconName = "ArrowCounterclockwise",
            UpdateState = context => IsDown(context.ResourceSnapshot) ? ResourceCommandState.Disabled : EnabledUnlessStopping(context.ResourceSnapshot),
        });

    private static async Task<ExecuteCommandResult> RunAsync(ExecuteCommandContext context, bool start, bool stop)
    {
        var instance = context.ServiceProvider.GetRequiredService<Orchestrator>().GetInstance(context.ResourceName);
        if (stop)
            await instance.StopAsync().WaitAsync(context.CancellationToken);
        if (start)
            instance.Start();
        return CommandResults.Success();
    }

    private static bool IsDown(CustomResourceSnapshot snapshot) =>
        snapshot.State is not { Text: var state } || state == KnownResourceStates.NotStarted || KnownResourceStates.TerminalStates.Contains(state);

    private static ResourceCommandState EnabledUnlessStopping(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.Stopping ? ResourceCommandState.Disabled : ResourceCommandState.Enabled;
}
