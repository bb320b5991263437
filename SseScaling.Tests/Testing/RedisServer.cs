using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>A redis-server of its own on a free loopback port, with its data in a temporary folder, that can be killed, restarted and frozen.</summary>
/// <remarks>
/// A shell stands between: it sends the signals, and kills the server when its input ends, which the kernel sees to however this
/// process ends.
/// </remarks>
public sealed class RedisServer : IAsyncLifetime
{
    private const string Guard = """redis-server "$@" >/dev/null & while read -r signal; do kill -"$signal" $! && echo sent; done; kill -KILL $!; wait $! 2>/dev/null""";
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("sse-redis-").FullName;
    private Process? _guard;

    public int Port { get; } = FreePort();

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>
    /// Whether a restart finds all data again that was acknowledged. Redis' default (everysec) holds the file's writes back, up to 2 s, while
    /// the disk is still busy with the last fsync, and answers the clients meanwhile: a SIGKILL then loses what it had acknowledged.
    /// </summary>
    public bool AppendOnly { get; init; }

    /// <summary>Whether it is a cluster of one, with all slots.</summary>
    public bool IsCluster { get; init; }

    public static async Task<RedisServer> StartNewAsync(bool appendOnly = false)
    {
        var server = new RedisServer { AppendOnly = appendOnly };
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        string[] arguments =
        [
            "-c", Guard, "redis", "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder, "--save", "",
            "--appendonly", AppendOnly ? "yes" : "no", "--appendfsync", "always",
            "--cluster-enabled", IsCluster ? "yes" : "no", "--cluster-port", (IsCluster ? FreePort() : 0).ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _guard = Process.Start(start) ?? throw new InvalidOperationException("No shell to start redis-server with.");
        await Eventually.TrueAsync(AnswersAsync, "redis-server answers", StartDeadline);
        if (!IsCluster)
            return;
        await CliAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await Eventually.TrueAsync(async () => (await CliAsync("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal), "the cluster is complete");
    }

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        if (_guard is not { } guard)
            return;
        _guard = null;
        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
        guard.Dispose();
    }

    /// <summary>SIGSTOP: connections stay open, and nothing answers.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Runs redis-cli and returns its output without the last line break.</summary>
    public async Task<string> CliAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("redis-cli") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "-p", Port.ToString(CultureInfo.InvariantCulture) }.Concat(arguments))
            start.ArgumentList.Add(argument);
        using var cli = Process.Start(start) ?? throw new InvalidOperationException("redis-cli does not start.");
        var output = await cli.StandardOutput.ReadToEndAsync();
        await cli.WaitForExitAsync();
        return output.TrimEnd('\n');
    }

    public ValueTask InitializeAsync() => new(StartAsync());

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task SignalAsync(string signal)
    {
        var guard = _guard ?? throw new InvalidOperationException("The server does not run.");
        await guard.StandardInput.WriteLineAsync(signal);
        await guard.StandardInput.FlushAsync();
        Assert.Equal("sent", await guard.StandardOutput.ReadLineAsync());
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[7];
            await stream.ReadExactlyAsync(answer);
            return answer.AsSpan().SequenceEqual("+PONG\r\n"u8);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
