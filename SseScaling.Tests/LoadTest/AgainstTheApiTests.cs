using System.Diagnostics;
using SseScaling.LoadTest.Options;
using SseScaling.LoadTest.Report;
using Xunit;

namespace SseScaling.Tests.LoadTest;

/// <summary>The load test, the curl script and the Artillery script against the real API, in a short form.</summary>
public sealed class AgainstTheApiTests : IAsyncLifetime
{
    private static readonly string Scripts = Path.Combine(Root(), "loadtest");

    private ApiProcess _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiProcess.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task The_load_test_finds_nothing_wrong_with_the_api()
    {
        var report = await Runs.RunAsync(Short() with { Connections = 50, Drop = 0.2, DropEvery = TimeSpan.FromMilliseconds(700) });

        AssertNothingWrong(report);
        Assert.Equal(report.Events.Published, report.Events.Delivered);
        Assert.True(report.Connections.Reconnects > 0);
        Assert.True(report.Server.PeakConnections > 0, "the API's own figures were read");
        Assert.True(report.Server.PeakMemoryBytes > 0, "the API's own figures were read");
    }

    [Theory]
    [InlineData("1m", 0, "OK ")]
    [InlineData("0s", 1, "NOT OK")]
    public async Task Posts_are_timed_to_every_follower(string within, int exitCode, string verdict)
    {
        var (code, output, _) = await CommandTests.RunAsync("fan-out", "--url", _api.Url.ToString(), "--followers", "200", "--posts", "2", "--within", within);

        Assert.Equal(exitCode, code);
        Assert.Matches(@"(?m)^ +2( +[0-9.]+){5} +0 +0$", output);
        Assert.Single(CommandTests.Lines(output), "OK      every follower has every post once");
        Assert.StartsWith(verdict, CommandTests.Lines(output)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_load_test_finds_nothing_wrong_with_a_storm_on_one_topic()
    {
        var report = await Runs.RunAsync(Short() with { Connections = 100, Topic = "load:storm", Rate = 50, Storm = true });

        AssertNothingWrong(report);
        Assert.Equal(report.Events.Published * 100, report.Events.Delivered);
        Assert.NotNull(report.Connections.StormMs);
    }

    [Fact]
    public async Task A_hundred_users_with_curl_get_everything_once_and_in_order()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "a shell script");

        var (code, output) = await RunAsync(Root(), TimeSpan.FromMinutes(2), Path.Combine(Scripts, "curl-hundred.sh"), _api.Url.ToString().TrimEnd('/'), "100", "3");

        Assert.True(code == 0, output);
        Assert.Contains("OK      300 deliveries", output);
    }

    [Fact]
    public async Task Artillery_gets_everything_once_and_in_order()
    {
        var folder = Path.Combine(Scripts, "artillery");
        Assert.SkipUnless(await InstallAsync(folder), "npm cannot install Artillery here");

        var (code, output) = await RunAsync(folder, TimeSpan.FromMinutes(2), "npx", "artillery", "run", "--target", _api.Url.ToString().TrimEnd('/'), "-e", "short", "sse.yml");

        Assert.True(code == 0, output);
        Assert.Contains("ok: sse.lost == 0", output);
    }

    private RunOptions Short() => new()
    {
        Urls = [_api.Url],
        Ramp = 200,
        Rate = 200,
        WarmUp = TimeSpan.FromMilliseconds(300),
        Duration = TimeSpan.FromSeconds(2),
        Drain = TimeSpan.FromSeconds(10),
    };

    private static void AssertNothingWrong(RunReport report)
    {
        Assert.Equal(("completed", null), (report.Outcome, report.Problem));
        Assert.Equal((0, 0, 0, 0), (report.Events.Lost, report.Events.Repeated, report.Events.Misordered, report.Events.Misrouted));
        Assert.Equal((0, 0), (report.Events.Refused, report.Events.GapEvents));
        Assert.Equal(report.Settings.Connections, report.Connections.Established);
    }

    private static async Task<bool> InstallAsync(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, "node_modules", "artillery"))) return true;
        try
        {
            var (code, _) = await RunAsync(folder, TimeSpan.FromMinutes(4), "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock");
            return code == 0;
        }
        catch (Exception problem) when (problem is System.ComponentModel.Win32Exception or TimeoutException)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder, TimeSpan limit, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["ARTILLERY_DISABLE_TELEMETRY"] = "true";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(limit, TestContext.Current.CancellationToken);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        return (process.ExitCode, await output + await error);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SseScaling.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The solution's folder is not above the tests.");
        return folder.FullName;
    }
}
