using System.CommandLine;
using SseScaling.Publisher.Traffic;

namespace SseScaling.Publisher;

/// <summary>The command line: options for what one changes by hand. They override the configuration section <c>Publisher</c>, which has the same settings.</summary>
public static class PublisherCommand
{
    private static readonly (string Key, Option<string?> Option)[] Settings =
    [
        Setting(nameof(PublisherOptions.Scenario), "--scenario", "name", $"One of the scenarios above [default: {Scenario.All[0].Name}]"),
        Setting(nameof(PublisherOptions.Users), "--users", "2-1000000", "Users, with the ids 1 to this [default: 1000]"),
        Setting(nameof(PublisherOptions.Rate), "--rate", "0-100000", "Events per second [default: half the number of users]"),
        Setting(nameof(PublisherOptions.FollowsPerUser), "--follows", "1-1000", "How many others a user follows on average [default: 20]"),
        Setting(nameof(PublisherOptions.Seed), "--seed", "number", "Seed of the follower graph and of the traffic [default: 42]"),
        Setting(nameof(PublisherOptions.Durable), "--durable", "true|false", "Publish with history and ids [default: true]"),
        Setting(nameof(PublisherOptions.Keys), "--keys", "true|false", "Publish with idempotency keys: more memory in Redis, no doubled events when it restarts [default: true]"),
    ];

    private static readonly string Text = $$"""
        Publishes likes, follows and posts of a synthetic social network to its users' topics (notifications:1, notifications:2, …).

        Needs Redis: ConnectionStrings__redis=host:port[,password=…] in the environment. The options can stand there as well
        (Publisher__Scenario, Publisher__Users, Publisher__Rate, …), and what has no option (ASPNETCORE_URLS, Logging__LogLevel__Default, …).

        Scenarios:
        {{string.Join('\n', Scenario.All.Select(scenario => $"  {scenario.Name,-12}{scenario.Summary}"))}}

        While it runs:
          GET /api/publisher                                      what it does
          PUT /api/publisher {"rate":1000,"scenario":"burst"}     change the rate, the scenario, or both
        """;

    /// <summary>Reads the arguments. Where the result has an action, help or version was asked for.</summary>
    public static ParseResult Parse(IReadOnlyList<string> args)
    {
        var root = new RootCommand(Text);
        foreach (var (_, option) in Settings)
            root.Options.Add(option);
        return root.Parse(args);
    }

    /// <summary>The options that were given, as configuration.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Given(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return Settings.Where(setting => parsed.GetResult(setting.Option) is not null)
            .Select(setting => KeyValuePair.Create(setting.Key, parsed.GetValue(setting.Option)));
    }

    private static (string Key, Option<string?> Option) Setting(string key, string name, string value, string description) =>
        ($"{PublisherOptions.Section}:{key}", new Option<string?>(name) { HelpName = value, Description = description });
}
