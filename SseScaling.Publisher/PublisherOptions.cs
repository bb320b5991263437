using System.Globalization;
using Microsoft.Extensions.Options;
using SseScaling.Publisher.Traffic;

namespace SseScaling.Publisher;

/// <summary>Configuration section <c>Publisher</c>.</summary>
public sealed class PublisherOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Publisher";

    /// <summary>The highest rate that can be asked for, in events per second.</summary>
    public const double MaxRate = 100_000;

    /// <summary>Number of users, whose ids are 1 to this; 2 to 1,000,000. Default 1,000.</summary>
    public int Users { get; init; } = 1_000;

    /// <summary>How many others a user follows on average; 1 to 1,000. Default 20.</summary>
    public int FollowsPerUser { get; init; } = 20;

    /// <summary>Events per second, 0 to 100,000. Default: half the number of users, so that each gets one about every two seconds.</summary>
    public double? Rate { get; init; }

    /// <summary>Name of the profile, see <see cref="Traffic.Scenario"/>. Default steady.</summary>
    public string Scenario { get; init; } = Traffic.Scenario.All[0].Name;

    /// <summary>Seed of the follower graph and of the choice of events. Default 42.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Whether events are kept in their topic's stream and get an id. Default true.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>
    /// Whether each event has an idempotency key, so that what was under way when Redis went away is not doubled when it is sent again.
    /// Each key takes about 100 bytes of Redis' memory for five minutes. Default true.
    /// </summary>
    public bool Keys { get; init; } = true;

    /// <summary><see cref="Rate"/>, or its default.</summary>
    public double EventsPerSecond => Rate ?? Math.Min(Users / 2.0, MaxRate);

    /// <summary>The profile that <see cref="Scenario"/> names.</summary>
    /// <exception cref="InvalidOperationException">There is none of that name: the options were not validated.</exception>
    public Scenario Profile =>
        Traffic.Scenario.Find(Scenario) ?? throw new InvalidOperationException($"There is no scenario '{Scenario}'.");

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="OptionsValidationException">A value is not of its type or out of its range; one sentence for each.</exception>
    public static PublisherOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        PublisherOptions options;
        try
        {
            options = configuration.GetSection(Section).Get<PublisherOptions>() ?? new PublisherOptions();
        }
        catch (InvalidOperationException e)
        {
            // The binder's message names the value, its path and the type.
            throw new OptionsValidationException(Section, typeof(PublisherOptions), [e.Message]);
        }

        var failures = options.Failures().ToList();
        return failures.Count == 0 ? options : throw new OptionsValidationException(Section, typeof(PublisherOptions), failures);
    }

    /// <summary>What is wrong with a rate, as a sentence; null when nothing is.</summary>
    public static string? FailureOfRate(double rate) => rate is >= 0 and <= MaxRate
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"The rate is {rate}; give a number of events per second from 0 to {MaxRate:N0}.");

    /// <summary>What is wrong with a scenario's name, as a sentence; null when nothing is.</summary>
    public static string? FailureOfScenario(string scenario) => Traffic.Scenario.Find(scenario) is not null
        ? null
        : $"There is no scenario '{scenario}'; give one of {Traffic.Scenario.Names}.";

    private IEnumerable<string> Failures()
    {
        if (Users is < 2 or > 1_000_000)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Section}:Users is {Users}; give a number from 2 to 1,000,000.");
        if (FollowsPerUser is < 1 or > 1_000)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Section}:FollowsPerUser is {FollowsPerUser}; give a number from 1 to 1,000.");
        if (FailureOfRate(EventsPerSecond) is { } rate)
            yield return $"{Section}:Rate: {rate}";
        if (FailureOfScenario(Scenario) is { } scenario)
            yield return $"{Section}:Scenario: {scenario}";
    }
}
