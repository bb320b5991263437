using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.AppHost;

/// <summary>The AppHost as a process of its own, as <c>dotnet run</c> starts it, on ports of its own.</summary>
public sealed class AppHostProcess : IAsyncDisposable
{
    // Inherited by everything that is started, however far away; Linux shows it in /proc.
    private const string MarkName = "SSE_TEST_RUN";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(120);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly string _mark = $"{MarkName}={Guid.NewGuid():N}";
    private readonly Process _process;
    private readonly Dictionary<int, string> _atReady = [];

    private AppHostProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>The lines of its standard error stream; complete once it has ended.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>The lines of its standard output; complete once it has ended.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>The API's address, once it is ready.</summary>
    public Uri Api => new(_output.First(line => line.Contains("Demo:", StringComparison.Ordinal)).Split("Demo:")[1].Trim());

    /// <param name="arguments">Settings.</param>
    /// <param name="path">The PATH; null: this process's.</param>
    /// <param name="variables">Environment variables, which reach the services as well.</param>
    public static AppHostProcess Start(string[] arguments, string? path = null, params (string Name, string Value)[] variables)
    {
        // A test runner in the background ignores SIGINT, and would hand that down.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT", Dotnet(), Dll(), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The same variables as in the launch profile.
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true";
        foreach (var name in new[] { "ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL" })
            start.Environment[name] = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{RedisServer.FreePort()}");
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        if (path is not null)
            start.Environment["PATH"] = path;

        var host = new AppHostProcess(new Process { StartInfo = start });
        start.Environment[MarkName] = host._mark.Split('=')[1];
        host._process.OutputDataReceived += (_, line) => Keep(host._output, line.Data);
        host._process.ErrorDataReceived += (_, line) => Keep(host._errors, line.Data);
        host._process.Start();
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        return host;
    }

    /// <summary>Starts two replicas and everything else; returns when they are ready.</summary>
    public static async Task<AppHostProcess> StartReadyAsync()
    {
        var host = Start(["--DcpPublisher:RandomizePorts=true", "--Api:Replicas=2"]);
        try
        {
            await host.PrintedAsync("A stream:");
            // The publisher waits for the API; it is the last to start.
            await Eventually.TrueAsync(() => host.Started("SseScaling.Publisher").Any(), "the publisher starts", StartDeadline);
            foreach (var id in host.Started())
                host._atReady[id] = Processes.CommandLine(id);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for a line of the standard output.</summary>
    public Task PrintedAsync(string part) => Eventually.TrueAsync(
        () => _output.Any(line => line.Contains(part, StringComparison.Ordinal)) || (_process.HasExited ? throw new InvalidOperationException(ToString()) : false),
        $"the AppHost prints '{part}'", StartDeadline);

    /// <summary>Everything that it has started and that still runs, whoever its parent is. redis-server writes over its own environment.</summary>
    public IReadOnlyList<int> Started() => [.. Processes.WithDescendants(Processes.WithVariable(_mark)).Where(id => id != Id)];

    /// <summary>Those of them that run a program.</summary>
    public IEnumerable<int> Started(string program) =>
        Started().Where(id => Path.GetFileName(Processes.CommandLine(id).Split(' ')[0]) == program);

    /// <param name="signal">A signal's name, without SIG.</param>
    public Task SignalAsync(string signal) => Processes.SignalAsync(Id, signal);

    /// <summary>Waits for its end and returns the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(StartDeadline, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>
    /// Fails unless nothing that it has started is left in time: what ran when it was ready, whoever its parent is by now, and what came later.
    /// </summary>
    public async Task NothingIsLeftAsync(TimeSpan within)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(
            () => Left().Length == 0 || TimeProvider.System.GetElapsedTime(began) > within, "the wait for the end ends", within + Eventually.Deadline);
        Assert.Equal([], Left());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        foreach (var id in Started())
            await Processes.SignalAsync(id, "KILL");
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    public override string ToString() => string.Join('\n', [.. _output, .. _errors]);

    // An id may be given out anew, a command line with it is not.
    private string[] Left() =>
        [.. _atReady.Where(started => Processes.CommandLine(started.Key) == started.Value).Select(started => started.Value), .. Started().Select(Processes.CommandLine)];

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }

    private static string Dotnet() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private static string Dll()
    {
        var project = Projects.SseScaling_AppHost.ProjectPath;
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return Path.Combine(project, "bin", configuration, "net10.0", "SseScaling.AppHost.dll");
    }
}
