using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>A replica in a process of its own on a free loopback port, with its output kept, that can be signalled.</summary>
/// <remarks>
/// A shell stands between: it sends the signals, ends with the replica's exit code, and kills the replica when its input ends, which the kernel
/// sees to however this process ends.
/// </remarks>
public sealed class ApiProcess : IAsyncDisposable
{
    /// <summary>The setting of how many files the replica may open.</summary>
    public const string FileLimit = "TEST_FILE_LIMIT";

    /// <summary>The setting of what the replica is started by: the beginning of a shell's command, whose end is the replica's.</summary>
    public const string Within = "TEST_WITHIN";

    private const string Guard = """
        exec 3<&0 2>/dev/null
        [ -z "$TEST_FILE_LIMIT" ] || ulimit -n "$TEST_FILE_LIMIT"
        eval "exec $TEST_WITHIN dotnet \"\$@\"" 2>&1 3<&- & api=$!
        (while read -r signal; do kill -"$signal" $api; done; kill -KILL $api) <&3 >/dev/null 2>&1 & guard=$!
        wait $api; code=$?
        kill $guard
        exit $code
        """;

    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly string[] Foreign = ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "OTEL_", "ConnectionStrings__", "Sse__", "Kestrel__", "Access__", "Authentication__"];

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _guard;

    private ApiProcess(Process guard) => _guard = guard;

    /// <summary>Where it listens, in the order of its own log.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>A client of the first address; the process disposes it.</summary>
    public HttpClient Http { get; private set; } = new();

    public int Port => Addresses[0].Port;

    public bool HasExited => _guard.HasExited;

    public IReadOnlyCollection<string> Output => _lines;

    /// <summary>Starts a replica; returns when it listens.</summary>
    /// <param name="redis">Redis; null: the in-memory backplane.</param>
    /// <param name="settings">Environment variables, e.g. <c>Sse__Heartbeat</c>.</param>
    public static async Task<ApiProcess> StartAsync(RedisServer? redis = null, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var argument in new[] { "-c", Guard, "api", typeof(Api.ApiExtensions).Assembly.Location })
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => Foreign.Any(name.StartsWith)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in Defaults(redis).Concat(settings))
            start.Environment[name] = value;

        var guard = Process.Start(start) ?? throw new InvalidOperationException("No shell to start the API with.");
        var api = new ApiProcess(guard);
        guard.OutputDataReceived += (_, line) => api.Keep(line.Data);
        guard.BeginOutputReadLine();
        try
        {
            await api.StartedAsync();
        }
        catch
        {
            await api.DisposeAsync();
            throw;
        }

        return api;
    }

    public int Count(string part) => _lines.Count(line => line.Contains(part, StringComparison.Ordinal));

    /// <summary>Reads nothing more of what the replica writes: it stays in the pipe, until that is full.</summary>
    public void StopReadingOutput() => _guard.CancelOutputRead();

    /// <summary>Waits until so many lines of the log hold a text.</summary>
    public Task LoggedAsync(string part, int times = 1) => Eventually.TrueAsync(() => Count(part) >= times, $"'{part}' is logged {times} times");

    /// <summary>Waits until the replica is ready: with Redis, that is a moment after the start.</summary>
    public Task HealthyAsync() => Eventually.TrueAsync(Http.IsHealthyAsync, "/health answers 200");

    /// <summary>How many sockets the replica has open.</summary>
    public int CountSockets()
    {
        var replica = File.ReadAllText($"/proc/{_guard.Id}/task/{_guard.Id}/children").Split(' ')[0];
        return new DirectoryInfo($"/proc/{replica}/fd").GetFiles().Count(file => file.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
    }

    /// <param name="name">Without SIG: TERM, KILL, STOP, CONT.</param>
    public async Task SignalAsync(string name)
    {
        await _guard.StandardInput.WriteLineAsync(name);
        await _guard.StandardInput.FlushAsync();
    }

    /// <summary>Waits for the end and returns the exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan within)
    {
        await _guard.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(within, TestContext.Current.CancellationToken);
        return _guard.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync(CancellationToken.None);
        _guard.Dispose();
    }

    private static IEnumerable<(string Name, string Value)> Defaults(RedisServer? redis)
    {
        yield return ("ASPNETCORE_URLS", "http://127.0.0.1:0");
        yield return ("DOTNET_ENVIRONMENT", "Production");
        yield return ("Sse__AllowAnonymous", "true");
        yield return ("Logging__LogLevel__Default", "Information");
        yield return ("Logging__LogLevel__Microsoft.AspNetCore", "Warning");
        yield return ("Logging__Console__FormatterName", "simple");
        yield return ("Logging__Console__FormatterOptions__SingleLine", "true");
        if (redis is not null)
            yield return ("ConnectionStrings__redis", redis.ConnectionString);
    }

    private void Keep(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }

    private async Task StartedAsync()
    {
        await Eventually.TrueAsync(() => Count("Application started") > 0 || _guard.HasExited, "the API starts", StartDeadline);
        if (_guard.HasExited)
            Assert.Fail($"The API ended with exit code {_guard.ExitCode}:\n{string.Join('\n', _lines)}");
        Addresses =
        [
            .. _lines.Where(line => line.Contains(Listening, StringComparison.Ordinal))
                .Select(line => new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim())),
        ];
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Addresses[0], Timeout = Eventually.Deadline };
    }
}
