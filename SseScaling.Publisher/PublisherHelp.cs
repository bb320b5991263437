using SseScaling.Publisher.Traffic;

namespace SseScaling.Publisher;

/// <summary>The command line: short switches for the options, and the text that explains them.</summary>
public static class PublisherHelp
{
    /// <summary>Short switches, and the configuration keys that they stand for.</summary>
    public static IDictionary<string, string> Switches { get; } = new Dictionary<string, string>
    {
        ["--users"] = $"{PublisherOptions.Section}:{nameof(PublisherOptions.Users)}",
        ["--follows"] = $"{PublisherOptions.Section}:{nameof(PublisherOptions.FollowsPerUser)}",
        ["--rate"] = $"{PublisherOptions.Section}:{nameof(PublisherOptions.Rate)}",
        ["--scenario"] = $"{PublisherOptions.Section}:{nameof(PublisherOptions.Scenario)}",
        ["--seed"] = $"{PublisherOptions.Section}:{nameof(PublisherOptions.Seed)}",
        ["--durable"] = $"{PublisherOptions.Section}:{nameof(PublisherOptions.Durable)}",
        ["--keys"] = $"{PublisherOptions.Section}:{nameof(PublisherOptions.Keys)}",
    };

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Text { get; } = $$"""
        Usage: dotnet run --project SseScaling.Publisher -- [option…]

        Publishes likes, follows and posts of a synthetic social network to its users' topics (notifications:1, notifications:2, …).
        Needs Redis: ConnectionStrings__redis=host:port[,password=…] in the environment.

          --scenario NAME   one of the scenarios below (default {{Scenario.All[0].Name}})
          --users N         users 1 to N, 2 to 1,000,000 (default 1000)
          --rate R          events per second, 0 to 100,000 (default: half the number of users)
          --follows K       how many others a user follows on average, 1 to 1,000 (default 20)
          --seed S          seed of the follower graph and of the traffic (default 42)
          --durable false   publish without history and ids
          --keys false      publish without idempotency keys: less memory in Redis, doubled events possible when it restarts

        The same as environment variables: Publisher__Scenario, Publisher__Users, Publisher__Rate, …

        Scenarios:
        {{string.Join('\n', Scenario.All.Select(scenario => $"  {scenario.Name,-16}{scenario.Summary}"))}}

        While it runs:
          GET /api/publisher                                      what it does
          PUT /api/publisher {"rate":1000,"scenario":"burst"}     change the rate, the scenario, or both
        """;

    /// <summary>Whether the arguments ask for the help text.</summary>
    public static bool IsWanted(IEnumerable<string> args) => args.Any(arg => arg is "--help" or "-h" or "-?");
}
