using System.CommandLine;
using SseScaling.LoadTest;
using SseScaling.LoadTest.Options;
using SseScaling.LoadTest.Report;
using Xunit;

namespace SseScaling.Tests.LoadTest;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("60s", 60)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("10", 10)]
    public void Durations_have_units(string text, double seconds) => Assert.Equal(seconds, Read("--duration", text).Duration.TotalSeconds);

    [Theory]
    [InlineData("10%", 0.1)]
    [InlineData("0.25", 0.25)]
    public void Shares_are_per_cent_or_fractions(string text, double share) => Assert.Equal(share, Read("--drop", text).Drop, 9);

    [Fact]
    public void A_scenario_sets_what_the_command_line_does_not()
    {
        var options = Read("--scenario", "broadcast", "--connections", "50");

        Assert.Equal((50, 2, "broadcast:load-test"), (options.Connections, options.Rate, options.Topic));
    }

    [Theory]
    [InlineData("--duration", "soon", "no duration")]
    [InlineData("--duration", "0s", "longer than nothing")]
    [InlineData("--drop", "110%", "no share")]
    [InlineData("--connections", "0", "out of range")]
    [InlineData("--connections", "five", "no whole number")]
    [InlineData("--rate", "fast", "no number")]
    [InlineData("--publish", "mail", "take api, redis or none")]
    [InlineData("--url", "localhost:5080", "no URL")]
    [InlineData("--url", "https://example.org", "TLS")]
    [InlineData("--scenario", "million", "no scenario 'million'")]
    [InlineData("--source", "here", "no IP address")]
    [InlineData("--header", "nocolon", "no header")]
    [InlineData("--topic", "a b\"", "no plain topic")]
    [InlineData("--path", "events", "no path")]
    [InlineData("--fail-if", "p99 is bad", "cannot be read")]
    [InlineData("--fail-if", "p98>1ms", "no metric 'p98'")]
    [InlineData("--fail-if", "lost>0ms", "not in 'ms'")]
    public void What_makes_no_sense_is_refused_with_a_sentence(string option, string value, string part)
    {
        var problem = Assert.Throws<UsageException>(() => Read(option, value));

        Assert.Contains(part, problem.Message);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Theory]
    [InlineData("p99>250ms", 250, true)]
    [InlineData("p99>=250ms", 250, false)]
    [InlineData("p99 > 0.2 s", 250, false)]
    [InlineData("p99<300ms", 250, false)]
    [InlineData("p99<=249us", 250, true)]
    public void A_threshold_names_what_fails(string text, double p99, bool ok)
    {
        var report = new RunReport { LatencyMs = new Distribution { Count = 1, P99 = p99 } };

        Assert.Equal(new ThresholdResult(text, p99, ok), Threshold.Parse(text).Judge(report));
    }

    [Fact]
    public void A_threshold_on_what_was_not_measured_is_not_ok() => Assert.False(Threshold.Parse("p99>1s").Judge(new RunReport()).Ok);

    [Fact]
    public void More_connections_than_open_files_is_refused_with_how_many_would_do()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the limit is Linux's");
        var problem = Assert.Throws<UsageException>(() => SseScaling.LoadTest.Clients.FileLimit.Ensure(int.MaxValue / 2, 4));

        Assert.Matches(@"raise the limit \(ulimit -n \d+\) or take --connections \d+\.", problem.Message);
    }

    [Fact]
    public void More_connections_than_ports_spread_over_loopback_addresses()
    {
        var target = new SseScaling.LoadTest.Clients.Target(new Uri("http://127.0.0.1:1"), new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1));
        var remote = target with { EndPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Parse("192.0.2.1"), 1) };

        Assert.Empty(SseScaling.LoadTest.Clients.Targets.Sources(new RunOptions { Connections = 16_000 }, [target]));
        Assert.Throws<UsageException>(() => SseScaling.LoadTest.Clients.Targets.Sources(new RunOptions { Connections = 60_000 }, [remote]));
        if (OperatingSystem.IsLinux()) Assert.Equal(3, SseScaling.LoadTest.Clients.Targets.Sources(new RunOptions { Connections = 60_000 }, [target]).Distinct().Count());
    }

    private static RunOptions Read(params string[] args)
    {
        var line = new CommandLine();
        var root = new RootCommand();
        foreach (var option in line.All) root.Options.Add(option);
        return line.Read(root.Parse(args));
    }
}
