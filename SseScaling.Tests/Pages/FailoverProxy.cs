using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SseScaling.Tests.Pages;

/// <summary>A TCP proxy before several replicas: each connection goes to the first one that takes it.</summary>
internal sealed class FailoverProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Task, byte> _open = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly int[] _ports;
    private readonly Task _accepting;

    public FailoverProxy(params int[] ports)
    {
        _ports = ports;
        _listener.Start();
        Address = new UriBuilder("http", "localhost", ((IPEndPoint)_listener.LocalEndpoint).Port).Uri;
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_open.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var task = ServeAsync(await _listener.AcceptTcpClientAsync(_closed.Token));
            _open[task] = 0;
        }
    }

    private async Task ServeAsync(TcpClient accepted)
    {
        using var client = accepted;
        using var server = await ConnectAsync();
        if (server is null)
            return;
        await Task.WhenAny(
            client.GetStream().CopyToAsync(server.GetStream(), _closed.Token), server.GetStream().CopyToAsync(client.GetStream(), _closed.Token));
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        foreach (var port in _ports)
        {
            var client = new TcpClient { NoDelay = true };
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, _closed.Token);
                return client;
            }
            catch (SocketException)
            {
                client.Dispose();
            }
        }

        return null;
    }
}
