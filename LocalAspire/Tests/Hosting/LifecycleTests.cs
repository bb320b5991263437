using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LocalAspire.Tests.Hosting;

public sealed class LifecycleTests
{
    [Fact]
    public async Task A_resource_waits_until_every_replica_it_waits_for_is_healthy()
    {
        var gate = Path.Combine(Directory.CreateTempSubdirectory().FullName, "open");
        await using var app = await EchoApplication.StartAsync($"--Echo:HealthGate={gate}", "--Echo:Replicas=2");

        foreach (var replica in app.Instances("echo"))
            await app.WaitAsync(replica, KnownResourceStates.Running);
        await app.WaitAsync("caller", KnownResourceStates.Waiting);
        Assert.Equal(KnownResourceStates.Waiting, app.Snapshot("caller").State?.Text);
        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);

        await app.WaitAsync("caller", KnownResourceStates.Running);
        await app.WaitHealthyAsync("echo");
        Directory.Delete(Path.GetDirectoryName(gate)!, recursive: true);
    }

    [Fact]
    public async Task A_service_that_ignores_the_request_to_end_is_killed_after_six_seconds_with_its_children()
    {
        await using var app = await EchoApplication.StartHealthyAsync("--Echo:IgnoreSigterm=true");
        using var client = app.Client();
        var child = await client.PostAsync("/child", null, TestContext.Current.CancellationToken);
        var childId = int.Parse(await child.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
        Assert.True(Processes.IsAlive(childId));

        var time = Stopwatch.StartNew();
        await app.CommandAsync(app.Instances("echo")[0], KnownResourceCommands.StopCommand);
        time.Stop();

        var stopped = await app.WaitAsync("echo", KnownResourceStates.Finished);
        Assert.InRange(time.Elapsed.TotalSeconds, 5.9, 10);
        Assert.Equal(128 + PosixSignals.Kill, stopped.Snapshot.ExitCode);
        Assert.Empty(await Processes.WaitUntilGoneAsync([childId], TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public async Task Stop_start_and_restart_work_on_one_instance()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        var id = app.Instances("echo")[0];
        var first = EchoApplication.ProcessId(app.Snapshot(id));

        Assert.True((await app.CommandAsync(id, KnownResourceCommands.RestartCommand)).Success);
        await app.WaitHealthyAsync(id);
        var second = EchoApplication.ProcessId(app.Snapshot(id));
        Assert.NotEqual(first, second);
        Assert.False(Processes.IsAlive(first));

        Assert.True((await app.CommandAsync(id, KnownResourceCommands.StopCommand)).Success);
        Assert.Equal(KnownResourceStates.Finished, app.Snapshot(id).State?.Text);
        Assert.Equal(0, app.Snapshot(id).ExitCode);
        Assert.False(Processes.IsAlive(second));

        Assert.True((await app.CommandAsync(id, KnownResourceCommands.StartCommand)).Success);
        await app.WaitHealthyAsync(id);
        Assert.True(Processes.IsAlive(EchoApplication.ProcessId(app.Snapshot(id))));
    }

    [Fact]
    public async Task A_command_by_the_name_of_a_replicated_resource_is_refused()
    {
        await using var app = await EchoApplication.StartAsync("--Echo:Replicas=2");

        var result = await app.CommandAsync("echo", KnownResourceCommands.StopCommand);

        Assert.False(result.Success);
        Assert.Equal("Resource 'echo' not found.", result.Message);
    }

    [Fact]
    public async Task A_crashed_replica_stays_down_and_says_its_exit_code()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        var id = app.Instances("echo")[0];

        PosixSignals.SendToProcess(EchoApplication.ProcessId(app.Snapshot(id)), PosixSignals.Kill);
        var crashed = await app.WaitAsync(id, KnownResourceStates.Finished);

        Assert.Equal(137, crashed.Snapshot.ExitCode);
        Assert.Null(crashed.Snapshot.HealthStatus);
        Assert.Contains(await LinesAsync(app, id), line => line.Contains("exit code 137 (signal 9)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_resource_with_explicit_start_waits_for_its_command()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        Assert.Equal(KnownResourceStates.NotStarted, app.Snapshot("later").State?.Text);

        await app.CommandAsync("later", KnownResourceCommands.StartCommand);

        await app.WaitAsync("later", KnownResourceStates.Running);
    }

    [Fact]
    public async Task Commands_of_the_application_run_and_their_failures_are_results()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        var id = app.Instances("echo")[0];

        Assert.True((await app.CommandAsync(id, "echo-http-http-post-/hello")).Success);
        Assert.Equal("on purpose", (await app.CommandAsync(id, "fail")).Message);
        Assert.Equal($"Command 'none' not available for resource '{id}'.", (await app.CommandAsync(id, "none")).Message);
        await WaitForLineAsync(app, id, "hello");
    }

    [Fact]
    public async Task Output_is_kept_with_its_time_and_bounded()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        var id = app.Instances("echo")[0];
        using var client = app.Client();

        await client.PostAsync("/say?text=first-words", null, TestContext.Current.CancellationToken);
        var line = await WaitForLineAsync(app, id, "first-words");
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z first-words$", line.Content);

        await client.PostAsync($"/say?text={string.Join("%0A", Enumerable.Range(0, 300))}", null, TestContext.Current.CancellationToken);
        var log = new ResourceLog(_ => { });
        for (var number = 0; number < 2 * ResourceLog.Capacity; number++)
            log.Write("line", isError: false);
        Assert.Equal(ResourceLog.Capacity, log.Snapshot().Length);
        Assert.Equal(2 * ResourceLog.Capacity, log.Snapshot()[^1].Number);
        await WaitForLineAsync(app, id, "299");
    }

    [Fact]
    public async Task Links_carry_what_the_application_says_about_them()
    {
        await using var app = await EchoApplication.StartAsync();

        var urls = app.Snapshot("echo").Urls;

        Assert.Equal(["Monitor", "Demo"], urls.Select(url => url.DisplayProperties.DisplayName));
        Assert.Matches("^http://localhost:[0-9]+/monitor$", urls[0].Url);
        Assert.Matches("^http://localhost:[0-9]+/$", urls[1].Url);
    }

    [Fact]
    public async Task Two_applications_run_beside_each_other()
    {
        await using var first = await EchoApplication.StartHealthyAsync();
        await using var second = await EchoApplication.StartHealthyAsync("--Parameters:secret=from-arguments");

        Assert.Equal("from-settings", (await first.EnvironmentAsync("echo"))["FROM_PARAMETER"]);
        Assert.Equal("from-arguments", (await second.EnvironmentAsync("echo"))["FROM_PARAMETER"]);
    }

    private static ResourceLoggerService Loggers(EchoApplication app) => app.Application.Services.GetRequiredService<ResourceLoggerService>();

    private static async Task<string[]> LinesAsync(EchoApplication app, string id)
    {
        await foreach (var lines in Loggers(app).GetAllAsync(id))
            return [.. lines.Select(line => line.Content)];
        return [];
    }

    private static async Task<LogLine> WaitForLineAsync(EchoApplication app, string id, string end)
    {
        using var deadline = new CancellationTokenSource(EchoApplication.Deadline);
        await foreach (var lines in Loggers(app).WatchAsync(id).WithCancellation(deadline.Token))
        {
            foreach (var line in lines)
            {
                if (line.Content.EndsWith($" {end}", StringComparison.Ordinal))
                    return line;
            }
        }

        throw new InvalidOperationException("The output ended.");
    }
}
