using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.AppHost;

/// <summary>The AppHost as a user starts and stops it.</summary>
public sealed class AppHostProcessTests
{
    // Aspire's orchestrator looks after its own end and everybody else's.
    private static readonly TimeSpan CleanupDeadline = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_drains_the_replicas_before_Redis_goes_and_leaves_nothing_behind(string signal)
    {
        await using var host = await AppHostProcess.StartReadyAsync();
        using var http = new HttpClient { BaseAddress = host.Api, Timeout = Eventually.Deadline };
        await using var stream = await SseClient.OpenTopicsAsync(http, "drained");
        using var redis = Process.GetProcessById(Assert.Single(host.Started("redis-server")));
        var replicas = host.Started("SseScaling.Api").Select(Process.GetProcessById).ToArray();
        Assert.Equal(2, replicas.Length);

        await host.SignalAsync(signal);

        await stream.Ended.WaitAsync(CleanupDeadline, Cancellation);
        var replicasEnded = Task.WhenAll(replicas.Select(replica => replica.WaitForExitAsync(Cancellation)));
        await Task.WhenAny(replicasEnded, redis.WaitForExitAsync(Cancellation));
        Assert.True(replicasEnded.IsCompleted, "Redis ended before the replicas.");
        // A stream begins with 2 s; a farewell says when the replica is gone.
        Assert.True(stream.Retry > TimeSpan.FromSeconds(2), $"The stream was told to come back after {stream.Retry}.");
        Assert.Equal(0, await host.ExitAsync());
        await host.NothingIsLeftAsync(CleanupDeadline);
        Assert.Empty(host.Errors);
    }

    [Fact]
    public async Task A_second_Ctrl_C_does_not_wait_and_leaves_nothing_behind()
    {
        await using var host = await AppHostProcess.StartReadyAsync();
        await host.SignalAsync("INT");
        await host.PrintedAsync("Stopping");
        await host.SignalAsync("INT");

        Assert.Equal(130, await host.ExitAsync());
        await host.NothingIsLeftAsync(CleanupDeadline);
    }

    [Fact]
    public async Task Nothing_is_left_behind_when_the_AppHost_is_killed()
    {
        await using var host = await AppHostProcess.StartReadyAsync();
        Assert.NotEmpty(host.Started("redis-server"));
        Assert.NotEmpty(host.Started("SseScaling.Publisher"));

        await host.SignalAsync("KILL");

        await host.ExitAsync();
        await host.NothingIsLeftAsync(CleanupDeadline);
    }

    [Fact]
    public async Task A_port_in_use_is_a_sentence_before_anything_starts()
    {
        // Where another program has it, that is as good.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 5080));
            listener.Listen();
        }
        catch (SocketException)
        {
        }

        await RefusesAsync([], null, "Port 5080, which 'api' needs, is in use by another program: stop that program, or another run of this one, and start again.");
    }

    [Theory]
    [InlineData(
        "", "There is no redis-server on the PATH and no container engine (docker, podman) that answers: install Redis (apt-get install redis-server, brew install redis), or start an engine.")]
    [InlineData("--Redis:RunAs=process", "There is no redis-server on the PATH, which Redis:RunAs=process asks for: install Redis.")]
    public Task A_missing_program_is_a_sentence_before_anything_starts(string setting, string sentence) =>
        RefusesAsync([setting, "--DcpPublisher:RandomizePorts=true"], "/nowhere", sentence);

    [Fact]
    public Task Wrong_settings_are_a_sentence_each_before_anything_starts() => RefusesAsync(
        ["--Redis:RunAs=banana", "--Api:Replicas=0", "--DcpPublisher:RandomizePorts=true"],
        null,
        "The setting Redis:RunAs is process or container, and not 'banana'.",
        "The setting Api:Replicas is a number from 1 to 100, and not '0'.");

    [Fact]
    public async Task A_service_that_does_not_start_is_a_line_in_the_terminal()
    {
        await using var host = AppHostProcess.Start(["--DcpPublisher:RandomizePorts=true", "--Api:Replicas=1"], null, ("Sse__Heartbeat", "often"));

        await host.PrintedAsync("has ended with exit code");

        Assert.Contains(host.Output, line => line.Trim().StartsWith("api-", StringComparison.Ordinal));
        await host.SignalAsync("TERM");
        await host.ExitAsync();
    }

    [Fact]
    public async Task The_published_manifest_has_the_container_whatever_is_installed_here()
    {
        var folder = Directory.CreateTempSubdirectory("sse-manifest-");
        await using var host = AppHostProcess.Start(["--operation", "publish", "--step", "publish-manifest", "--output-path", folder.FullName, "--Redis:RunAs=process"]);

        Assert.Equal(0, await host.ExitAsync());

        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "aspire-manifest.json"), Cancellation));
        var redis = manifest.RootElement.GetProperty("resources").GetProperty("redis");
        Assert.Equal("container.v0", redis.GetProperty("type").GetString());
        Assert.StartsWith("{redis.bindings.tcp.host}:{redis.bindings.tcp.port},password={redis-password.value}", redis.GetProperty("connectionString").GetString(), StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static async Task RefusesAsync(string[] settings, string? path, params string[] sentences)
    {
        await using var host = AppHostProcess.Start(settings, path);

        Assert.Equal(1, await host.ExitAsync());

        Assert.Equal(sentences.Select(sentence => $"error: {sentence}"), host.Errors.Where(line => !IsOfAnotherPort(line)));
        Assert.Empty(host.Output);
    }

    // A run of the system beside the tests holds the publisher's port as well.
    private static bool IsOfAnotherPort(string line) => line.StartsWith("error: Port ", StringComparison.Ordinal) && !line.Contains(" 5080,", StringComparison.Ordinal);
}
