using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Xunit;

namespace LocalAspire.Tests.Hosting;

/// <summary>The AppHost as a process of its own, as a user starts it.</summary>
public sealed class AppHostProcessTests
{
    private const int Interrupt = 2;
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Everything_is_gone_after_the_AppHost_was_killed()
    {
        using var host = await StartAsync("--DcpPublisher:RandomizePorts=true");
        var children = Processes.ChildrenOf(host.Process.Id);
        // The guardian, redis, two services.
        Assert.Equal(4, children.Count);
        var folder = TemporaryFolder(children);
        Assert.True(Directory.Exists(folder));

        PosixSignals.SendToProcess(host.Process.Id, PosixSignals.Kill);

        Assert.Empty(await Processes.WaitUntilGoneAsync(children, StopDeadline));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Ctrl_C_ends_everything_in_time_even_a_service_that_does_not_listen()
    {
        using var host = await StartAsync("--DcpPublisher:RandomizePorts=true", "--Echo:IgnoreSigterm=true");
        var children = Processes.ChildrenOf(host.Process.Id);

        PosixSignals.SendToProcess(host.Process.Id, Interrupt);

        Assert.Empty(await Processes.WaitUntilGoneAsync([host.Process.Id, .. children], StopDeadline));
        await host.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, host.Process.ExitCode);
        Assert.Empty(await host.Errors);
    }

    [Fact]
    public async Task A_second_Ctrl_C_does_not_wait_for_the_grace_time()
    {
        using var host = await StartAsync("--DcpPublisher:RandomizePorts=true", "--Echo:IgnoreSigterm=true");
        var children = Processes.ChildrenOf(host.Process.Id);
        var deaf = children.Single(id => Processes.CommandLine(id).Contains("EchoService", StringComparison.Ordinal) && IsDeaf(id));

        var time = Stopwatch.StartNew();
        PosixSignals.SendToProcess(host.Process.Id, Interrupt);
        await Processes.WaitUntilGoneAsync([deaf], TimeSpan.FromSeconds(1.5));
        Assert.True(Processes.IsAlive(deaf));
        PosixSignals.SendToProcess(host.Process.Id, Interrupt);

        Assert.Empty(await Processes.WaitUntilGoneAsync([host.Process.Id, .. children], StopDeadline));
        Assert.InRange(time.Elapsed.TotalSeconds, 1.5, 5.5);
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence()
    {
        using var occupied = FreePorts.TryBind(IPAddress.Loopback, 5479);
        using var host = Start();

        await host.EndAsync();

        Assert.Equal(1, host.Process.ExitCode);
        Assert.Equal(
            "error: Port 5479, which the endpoint 'http' of 'echo' needs, is in use by another program; stop that program first.\n", await host.Errors);
    }

    [Fact]
    public async Task A_missing_redis_server_is_one_sentence()
    {
        using var host = Start(path: "/nowhere");

        await host.EndAsync();

        Assert.Equal(1, host.Process.ExitCode);
        var line = Assert.Single((await host.Errors).TrimEnd().Split('\n'));
        Assert.StartsWith("error: There is no redis-server on the PATH; install it", line, StringComparison.Ordinal);
    }

    private static bool IsDeaf(int id) => File.ReadAllText($"/proc/{id}/environ").Contains("IGNORE_SIGTERM=true", StringComparison.Ordinal);

    private static string TemporaryFolder(IReadOnlyList<int> children) =>
        children.Select(Processes.CommandLine).Single(line => line.Contains("aspire-guardian", StringComparison.Ordinal)).TrimEnd().Split(' ')[^1];

    private static async Task<AppHostProcess> StartAsync(params string[] args)
    {
        var host = Start(args);
        using var deadline = new CancellationTokenSource(EchoApplication.Deadline);
        while (await host.Process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            // The caller is the last to start.
            if (line.StartsWith("caller-", StringComparison.Ordinal) && line.Contains("Application started", StringComparison.Ordinal))
            {
                host.ReadOn();
                return host;
            }
        }

        throw new InvalidOperationException($"The AppHost ended: {await host.Errors}");
    }

    private static AppHostProcess Start(string[]? args = null, string? path = null)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        // A test runner in the background ignores SIGINT, and would hand that down.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", dotnet, typeof(Projects.EchoAppHost).Assembly.Location, .. args ?? []])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (path is not null)
            start.Environment["PATH"] = path;
        return new AppHostProcess(Process.Start(start)!);
    }

    private sealed class AppHostProcess(Process process) : IDisposable
    {
        public Process Process => process;

        public Task<string> Errors { get; } = process.StandardError.ReadToEndAsync();

        /// <summary>A pipe that nobody reads would hold up the AppHost.</summary>
        public void ReadOn() => _ = process.StandardOutput.ReadToEndAsync();

        public Task EndAsync() => process.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(EchoApplication.Deadline, TestContext.Current.CancellationToken);

        public void Dispose()
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }
    }
}
