using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

/// <summary>
/// A real redis-server on a free port, in a temporary folder. It can be killed, started again, stopped and continued. It ends with
/// its test, and also if the tests themselves are killed.
/// </summary>
public sealed class RedisServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("redis-test-").FullName;
    private readonly StringBuilder _output = new();
    private readonly string[] _arguments;
    private Process? _server;
    private Process? _guard;

    public RedisServer()
        : this([])
    {
    }

    internal RedisServer(params string[] arguments) => _arguments = arguments;

    public int Port { get; private set; } = FreePort();

    public string ConnectionString => $"127.0.0.1:{Port}";

    internal string Folder => _folder;

    /// <summary>What the server has written so far; for messages of failed tests.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    internal static async Task<RedisServer> StartNewAsync(params string[] arguments)
    {
        var server = new RedisServer(arguments);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>Starts the server, and waits until its port answers.</summary>
    public async Task StartAsync()
    {
        var arguments = new List<string>
        {
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", "no",
        };
        arguments.AddRange(_arguments);
        _server = Run("redis-server", arguments);
        _guard = Run("/bin/sh", ["-c", $"read line; kill -9 {_server.Id} 2>/dev/null"]);

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await AnswersAsync(deadline.Token))
        {
            if (_server.HasExited)
                throw new InvalidOperationException($"redis-server exited with {_server.ExitCode}: {Output}");

            await Task.Delay(20, deadline.Token);
        }
    }

    /// <summary>kill -9: nothing is written, connections are reset.</summary>
    public async Task KillAsync()
    {
        if (_server is null)
            return;

        _server.Kill();
        await _server.WaitForExitAsync();
        _server.Dispose();
        _server = null;

        // Only now: its process id may belong to somebody else from here on.
        _guard!.Kill();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }

    /// <summary>SIGSTOP: connections stay open, but nothing answers.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    public Task<ConnectionMultiplexer> ConnectAsync(string more = "") => ConnectionMultiplexer.ConnectAsync($"{ConnectionString},{more}");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _server!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task<bool> AnswersAsync(CancellationToken deadline)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port, deadline);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Process Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }
}
