namespace SseScaling.Publisher.Traffic;

/// <summary>A named profile of load: how the rate moves with time, and what is published to whom.</summary>
/// <param name="Name">As it is written in options and requests.</param>
/// <param name="Summary">One line for the help text.</param>
public sealed record Scenario(string Name, string Summary)
{
    private static readonly Scenario[] Catalogue =
    [
        new("steady", "constant rate; posts to followers, likes and follows to everyone")
        {
            PostShare = 0.45,
        },
        new("burst", "half the rate, and for the last second of every ten 5.5 times the rate; the rate on average")
        {
            PostShare = 0.45,
            Factor = seconds => seconds % 10 < 9 ? 0.5 : 5.5,
        },
        new("celebrity", "most events are posts of the three most followed users, each published to all followers at once")
        {
            PostShare = 0.8,
            CelebritiesOnly = true,
        },
        new("like-storm", "nine of ten events are likes for one user, another one every ten seconds")
        {
            StormShare = 0.9,
        },
        new("ramp", "from a tenth of the rate to the full rate within a minute, which then stays")
        {
            PostShare = 0.45,
            Factor = seconds => Math.Min(1, 0.1 + 0.9 * seconds / 60),
        },
    ];

    /// <summary>All profiles; the first is the default.</summary>
    public static IReadOnlyList<Scenario> All => Catalogue;

    /// <summary>Their names, separated by commas, for sentences.</summary>
    public static string Names { get; } = string.Join(", ", Catalogue.Select(scenario => scenario.Name));

    /// <summary>Multiplies the configured rate, by the seconds since the scenario began.</summary>
    public Func<double, double> Factor { get; init; } = _ => 1;

    /// <summary>Part of the events that are posts on their way to followers, 0 to 1.</summary>
    public double PostShare { get; init; }

    /// <summary>Part of the other events that go to the one user of the moment, 0 to 1.</summary>
    public double StormShare { get; init; }

    /// <summary>Whether only the most followed users post, and each post goes to all of its followers at once.</summary>
    public bool CelebritiesOnly { get; init; }

    /// <summary>Finds a profile by its name, without regard to case; null when there is none.</summary>
    public static Scenario? Find(string name) =>
        Array.Find(Catalogue, scenario => scenario.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
