namespace SseScaling.AppHost;

/// <summary>The publisher's scenarios as commands of the dashboard.</summary>
internal static class ScenarioCommands
{
    private static readonly string[] Scenarios = ["steady", "burst", "celebrity", "like-storm", "ramp"];

    /// <summary>Adds a command for each scenario, which changes to it while the publisher runs.</summary>
    public static IResourceBuilder<ProjectResource> WithScenarioCommands(this IResourceBuilder<ProjectResource> publisher)
    {
        foreach (var scenario in Scenarios)
        {
            publisher.WithHttpCommand("/api/publisher", $"Scenario: {scenario}", commandName: scenario, commandOptions: new HttpCommandOptions
            {
                Method = HttpMethod.Put,
                PrepareRequest = context =>
                {
                    context.Request.Content = new StringContent($$"""{"scenario":"{{scenario}}"}""", System.Text.Encoding.UTF8, "application/json");
                    return Task.CompletedTask;
                },
            });
        }

        return publisher;
    }
}
