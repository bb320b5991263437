namespace SseScaling.LoadTest.Options;

/// <summary>The named scenarios: defaults that options on the command line override.</summary>
internal static class Scenarios
{
    /// <summary>Name, what it shows, and its settings.</summary>
    public static readonly IReadOnlyList<(string Name, string Shows, Func<RunOptions, RunOptions> Apply)> All =
    [
        ("hundred", "100 users with a browser each: what a first look with curl would show",
            options => options with { Connections = 100, Ramp = 100, Rate = 100 }),
        ("thousand", "1,000 users, 1,000 events/s, some of them losing their connection",
            options => options with { Connections = 1000, Ramp = 500, Rate = 1000, Drop = 0.05 }),
        ("broadcast", "one topic to 10,000 clients, 2 events/s",
            options => options with { Connections = 10_000, Ramp = 2000, Rate = 2, Topic = "broadcast:load-test" }),
        ("storm", "1,000 clients are cut off at once, halfway, and all come back in the same instant",
            options => options with { Connections = 1000, Ramp = 500, Rate = 200, Storm = true }),
        ("soak", "1,000 users for an hour, with slow and with dropping clients: memory must not grow",
            options => options with
            {
                Connections = 1000, Rate = 100, Slow = 0.01, Drop = 0.1, DropEvery = TimeSpan.FromSeconds(30), Duration = TimeSpan.FromHours(1),
            }),
    ];

    /// <summary>The settings of a scenario.</summary>
    /// <exception cref="UsageException">There is none of this name.</exception>
    public static RunOptions Named(string? name)
    {
        var options = new RunOptions();
        if (name is null) return options;
        var found = All.FirstOrDefault(scenario => scenario.Name == name);
        if (found.Name is null) throw new UsageException($"There is no scenario '{name}': take one of {string.Join(", ", All.Select(s => s.Name))}.");
        return found.Apply(options) with { Scenario = name };
    }
}
