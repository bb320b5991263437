using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>A connection on which a test says itself what goes over the wire, and sees what comes back, byte for byte (Latin-1).</summary>
public sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly StringBuilder _received = new();

    public int LocalPort => ((IPEndPoint)_client.Client.LocalEndPoint!).Port;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RawConnection(AddressFamily family) => _client = new TcpClient(family) { NoDelay = true };

    public static Task<RawConnection> OpenAsync(int port) => OpenAsync(IPAddress.Loopback, port);

    public static async Task<RawConnection> OpenAsync(IPAddress address, int port)
    {
        var connection = new RawConnection(address.AddressFamily);
        await connection._client.ConnectAsync(address, port, Cancellation);
        return connection;
    }

    /// <summary>Opens a connection and asks for a target as an EventSource does.</summary>
    public static async Task<RawConnection> GetAsync(int port, string target, params string[] fields)
    {
        var connection = await OpenAsync(port);
        await connection.SendGetAsync(target, fields);
        return connection;
    }

    public Task SendGetAsync(string target, params string[] fields) =>
        SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{string.Concat(fields.Select(field => field + "\r\n"))}\r\n");

    public async Task SendAsync(string text) => await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text), Cancellation);

    /// <summary>Reads until a text arrived and returns all up to it; what follows is kept.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        while (true)
        {
            var text = _received.ToString();
            if (text.IndexOf(end, StringComparison.Ordinal) is >= 0 and var at)
            {
                _received.Remove(0, at + end.Length);
                return text[..(at + end.Length)];
            }

            if (!await ReadAsync())
                Assert.Fail($"The connection ended before '{end}': {text}");
        }
    }

    /// <summary>Reads the first line of the answer; empty when the server ends the connection without one.</summary>
    public async Task<string> ReadStatusAsync()
    {
        while (!_received.ToString().Contains("\r\n", StringComparison.Ordinal))
        {
            if (!await ReadAsync())
                return "";
        }

        return _received.ToString().Split("\r\n")[0];
    }

    /// <summary>Reads the head of the answer; empty when the server ends the connection before.</summary>
    public async Task<string> ReadHeadAsync()
    {
        while (!_received.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            if (!await ReadAsync())
                return "";
        }

        return await ReadUntilAsync("\r\n\r\n");
    }

    /// <summary>Reads until the server ends or resets the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (await ReadAsync())
        {
        }

        return _received.ToString();
    }

    /// <summary>Reads a response that has a length and returns all of it.</summary>
    public async Task<string> ReadResponseAsync()
    {
        var head = await ReadUntilAsync("\r\n\r\n");
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
            return head + await ReadUntilAsync("0\r\n\r\n");
        const string Field = "Content-Length: ";
        var at = head.IndexOf(Field, StringComparison.OrdinalIgnoreCase);
        Assert.True(at >= 0, $"The response has no length: {head}");
        var length = int.Parse(head[(at + Field.Length)..head.IndexOf("\r\n", at, StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
        while (_received.Length < length)
            Assert.True(await ReadAsync(), "The connection ended inside the body.");
        var body = _received.ToString(0, length);
        _received.Remove(0, length);
        return head + body;
    }

    /// <summary>Has the end of the connection be a reset.</summary>
    public void ResetOnClose() => _client.LingerState = new LingerOption(enable: true, seconds: 0);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> ReadAsync()
    {
        var buffer = new byte[16 << 10];
        try
        {
            var read = await _client.GetStream().ReadAsync(buffer, Cancellation).AsTask().WaitAsync(Eventually.Deadline, Cancellation);
            _received.Append(Encoding.Latin1.GetString(buffer, 0, read));
            return read > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
