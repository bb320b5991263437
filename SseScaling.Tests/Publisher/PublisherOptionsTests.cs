using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using SseScaling.Publisher;
using Xunit;

namespace SseScaling.Tests.Publisher;

public class PublisherOptionsTests
{
    [Fact]
    public void Without_configuration_a_thousand_users_get_five_hundred_events_per_second()
    {
        var options = Read();

        Assert.Equal((1_000, 500.0, "steady", true), (options.Users, options.EventsPerSecond, options.Profile.Name, options.Durable));
    }

    [Fact]
    public void The_rate_follows_the_number_of_users_unless_it_is_given()
    {
        Assert.Equal(50, Read(("Users", "100")).EventsPerSecond);
        Assert.Equal(7.5, Read(("Users", "100"), ("Rate", "7.5")).EventsPerSecond);
    }

    [Theory]
    [InlineData("Users", "1", "Publisher:Users is 1; give a number from 2 to 1,000,000.")]
    [InlineData("Users", "1000001", "Publisher:Users is 1000001; give a number from 2 to 1,000,000.")]
    [InlineData("Users", "many", "'many' at 'Publisher:Users'")]
    [InlineData("FollowsPerUser", "0", "Publisher:FollowsPerUser is 0; give a number from 1 to 1,000.")]
    [InlineData("Rate", "-1", "Publisher:Rate: The rate is -1; give a number of events per second from 0 to 100,000.")]
    [InlineData("Rate", "100001", "from 0 to 100,000")]
    [InlineData("Rate", "NaN", "from 0 to 100,000")]
    [InlineData("Scenario", "calm", "There is no scenario 'calm'; give one of steady, burst, celebrity, like-storm, ramp.")]
    [InlineData("Scenario", "", "There is no scenario ''")]
    [InlineData("Durable", "perhaps", "'perhaps' at 'Publisher:Durable'")]
    public void A_value_out_of_range_is_refused_with_a_sentence(string key, string value, string expected)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Read((key, value)));

        Assert.Contains(expected, Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_of_the_command_line_sets_its_setting()
    {
        var parsed = PublisherCommand.Parse(
            ["--users", "10", "--rate", "3", "--scenario", "Burst", "--follows", "2", "--seed", "9", "--durable", "false", "--keys", "false"]);

        var options = PublisherOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(PublisherCommand.Given(parsed)).Build());

        Assert.Equal((10, 3.0, "burst", 2, 9L, false, false), (
            options.Users, options.EventsPerSecond, options.Profile.Name, options.FollowsPerUser, options.Seed, options.Durable, options.Keys));
        Assert.Equal(7, PublisherCommand.Given(parsed).Count());
    }

    [Fact]
    public void Options_that_are_not_given_leave_the_configuration_alone() => Assert.Empty(PublisherCommand.Given(PublisherCommand.Parse([])));

    [Theory]
    [InlineData("Unrecognized command or argument '--user'.", "--user", "10")]
    [InlineData("Required argument missing for option: '--users'.", "--users")]
    public void What_cannot_be_understood_is_refused_with_a_sentence(string expected, params string[] args) =>
        Assert.Equal(expected, PublisherCommand.Parse(args).Errors[0].Message);

    private static PublisherOptions Read(params (string Key, string Value)[] settings) =>
        PublisherOptions.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Publisher:{setting.Key}", (string?)setting.Value)))
            .Build());
}
