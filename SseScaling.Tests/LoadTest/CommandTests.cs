using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace SseScaling.Tests.LoadTest;

/// <summary>The program as users start it: exit codes, sentences, files.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("load-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_good_run_prints_ok_for_each_threshold_and_writes_both_reports()
    {
        await using var server = await FaultyServer.StartAsync(new Faults(), TestContext.Current.CancellationToken);

        var (code, output, _) = await RunAsync([.. Short(server), "--fail-if", "p99>30s", "--fail-if", "lost>0"]);

        Assert.Equal(0, code);
        Assert.Equal(2, Lines(output).Count(line => line.StartsWith("OK ", StringComparison.Ordinal)));
        Assert.DoesNotContain("\u001b", output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "report.json"), TestContext.Current.CancellationToken));
        Assert.Equal("sse-load-test/1", json.RootElement.GetProperty("schema").GetString());
        Assert.True(json.RootElement.GetProperty("series").GetArrayLength() > 0);
        var html = await File.ReadAllTextAsync(Path.Combine(_folder, "report.html"), TestContext.Current.CancellationToken);
        Assert.Contains("sse-load-test/1", html);
        Assert.DoesNotContain("/*REPORT*/", html);
        Assert.DoesNotContain("src=", html);
    }

    [Fact]
    public async Task A_missed_threshold_prints_not_ok_and_exits_with_1()
    {
        await using var server = await FaultyServer.StartAsync(new Faults { RepeatEvery = 10 }, TestContext.Current.CancellationToken);

        var (code, output, _) = await RunAsync([.. Short(server), "--fail-if", "repeated>0", "--fail-if", "lost>0"]);

        Assert.Equal(1, code);
        Assert.Single(Lines(output), line => line.StartsWith("NOT OK  repeated>0", StringComparison.Ordinal));
        Assert.Single(Lines(output), line => line.StartsWith("OK      lost>0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_instead_of_a_stream_is_one_sentence_and_2()
    {
        await using var server = await FaultyServer.StartAsync(new Faults { Html = true }, TestContext.Current.CancellationToken);

        await RefusedAsync("answered 200 with text/html", Short(server));
    }

    [Fact]
    public async Task A_wrong_path_is_one_sentence_and_2()
    {
        await using var server = await FaultyServer.StartAsync(new Faults(), TestContext.Current.CancellationToken);

        await RefusedAsync("answered 404", [.. Short(server), "--path", "/nothing/{user}"]);
    }

    [Fact]
    public async Task An_unreachable_server_is_one_sentence_and_2()
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        await RefusedAsync("cannot be reached", ["--url", $"http://127.0.0.1:{((IPEndPoint)unused.LocalEndPoint!).Port}", "--out", _folder]);
    }

    [Theory]
    [InlineData("cannot be read", "--fail-if", "fast enough")]
    [InlineData("Unrecognized", "--conections", "5")]
    [InlineData("cannot be read as a report", "compare", "missing.json", "missing.json")]
    [InlineData("needs --redis", "--publish", "redis")]
    [InlineData("--followers 0 is out of range", "fan-out", "--followers", "0")]
    public async Task What_cannot_be_understood_is_one_sentence_and_2(string part, params string[] args) => await RefusedAsync(part, args);

    [Fact]
    public async Task Ctrl_C_ends_early_and_still_reports()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends a signal with kill");
        await using var server = await FaultyServer.StartAsync(new Faults(), TestContext.Current.CancellationToken);
        using var process = Start(Short(server, duration: "10m"));
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("measuring", StringComparison.Ordinal))
        {
        }
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);

        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("Interrupted", output);
        Assert.Contains("\"outcome\": \"interrupted\"", await File.ReadAllTextAsync(Path.Combine(_folder, "report.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Compare_shows_two_runs_with_ratios_and_what_was_asked_for_differently()
    {
        await using var server = await FaultyServer.StartAsync(new Faults(), TestContext.Current.CancellationToken);
        var (one, two) = (Path.Combine(_folder, "one"), Path.Combine(_folder, "two"));
        Assert.Equal(0, (await RunAsync(Short(server, one))).Code);
        Assert.Equal(0, (await RunAsync(Short(server, two, connections: 8))).Code);

        var (code, output, _) = await RunAsync("compare", Path.Combine(one, "report.json"), Path.Combine(two, "report.json"));

        Assert.Equal(0, code);
        Assert.Matches(@"clients connected\W+4\W+8\W+2\.00", output);
        Assert.Contains("connections: 4 and 8", output);
    }

    private string[] Short(FaultyServer server, string? folder = null, int connections = 4, string duration = "600ms") =>
    [
        "--url", server.Url.ToString(), "--out", folder ?? _folder, "--connections", $"{connections}", "--topic", "load:test", "--rate", "50",
        "--warm-up", "100ms", "--duration", duration,
    ];

    private static async Task RefusedAsync(string part, params string[] args)
    {
        var (code, _, error) = await RunAsync(args);

        Assert.Equal(2, code);
        Assert.Contains(part, Assert.Single(Lines(error)));
    }

    internal static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var process = Start(args);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    private static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(SseScaling.LoadTest.UsageException).Assembly.Location);
        foreach (var argument in args) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
