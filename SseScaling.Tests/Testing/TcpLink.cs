using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SseScaling.Tests.Testing;

/// <summary>A TCP link to a local port whose open connections can go dead without either side being told, as when a router between forgets them.</summary>
public sealed class TcpLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentBag<Connection> _connections = [];
    private readonly int _target;
    private readonly Task _accepting;

    public TcpLink(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Accepted => _connections.Count;

    /// <summary>From now on the open connections swallow everything; new ones work.</summary>
    public void BlackHole()
    {
        foreach (var connection in _connections)
            connection.IsDead = true;
    }

    /// <summary>Resets the open connections.</summary>
    public void Drop()
    {
        foreach (var connection in _connections)
            connection.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Dispose();
        Drop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections.Select(connection => connection.Running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
            _connections.Add(new Connection(await _listener.AcceptTcpClientAsync(_closed.Token), _target));
    }

    private sealed class Connection : IDisposable
    {
        private readonly TcpClient _client;
        private readonly TcpClient _server = new() { NoDelay = true };
        private volatile bool _isDead;

        public Connection(TcpClient client, int target)
        {
            _client = client;
            _client.NoDelay = true;
            Running = RunAsync(target);
        }

        public bool IsDead
        {
            get => _isDead;
            set => _isDead = value;
        }

        public Task Running { get; }

        public void Dispose()
        {
            _client.Dispose();
            _server.Dispose();
        }

        private async Task RunAsync(int target)
        {
            try
            {
                await _server.ConnectAsync(IPAddress.Loopback, target);
                await Task.WhenAny(CopyAsync(_client.GetStream(), _server.GetStream()), CopyAsync(_server.GetStream(), _client.GetStream()));
            }
            finally
            {
                Dispose();
            }
        }

        private async Task CopyAsync(NetworkStream from, NetworkStream to)
        {
            var buffer = new byte[16 * 1024];
            while (await from.ReadAsync(buffer) is var count && count > 0)
            {
                if (!IsDead)
                    await to.WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }
}
