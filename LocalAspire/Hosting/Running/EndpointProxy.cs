using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace LocalAspire;

/// <summary>A replica behind a proxy.</summary>
/// <param name="Port">Where it listens, on the loopback address.</param>
/// <param name="Gone">Ends with its process.</param>
internal sealed record Backend(int Port, CancellationToken Gone);

/// <summary>
/// The address of an endpoint: passes bytes to a replica chosen at random for each connection (layer 4). There is no time-out and no
/// buffering, so that a stream of events passes as it is written. Nothing of a connection moves to another replica.
/// </summary>
internal sealed class EndpointProxy : IAsyncDisposable
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DialPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Socket> _listeners = [];
    private ImmutableArray<Backend> _backends = [];

    private EndpointProxy(Socket first)
    {
        Port = ((IPEndPoint)first.LocalEndPoint!).Port;
        _listeners.Add(first);
        // Browsers and HttpClient resolve localhost to both addresses and take the one that answers, so one is enough where there is no other.
        if (FreePorts.TryBind(IPAddress.IPv6Loopback, Port) is { } second)
            _listeners.Add(second);
    }

    public int Port { get; }

    /// <summary>Takes a port, by default a free one; null where the port is in use.</summary>
    public static EndpointProxy? TryBind(int? port) => FreePorts.TryBind(IPAddress.Loopback, port ?? 0) is { } listener ? new(listener) : null;

    public void Start()
    {
        foreach (var listener in _listeners)
            _ = AcceptAsync(listener);
    }

    public void Add(Backend backend) => ImmutableInterlocked.Update(ref _backends, backends => backends.Add(backend));

    public void Remove(Backend backend) => ImmutableInterlocked.Update(ref _backends, backends => backends.Remove(backend));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var listener in _listeners)
            listener.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await listener.AcceptAsync(_stopping.Token));
            }
            catch (SocketException) when (!_stopping.IsCancellationRequested)
            {
                // Out of file descriptors, or a client that left the queue: the next one may be served.
                await Task.Delay(AcceptPause);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            var (replica, backend) = await DialAsync();
            using (replica)
            {
                if (replica is not null)
                    await SocketRelay.RunAsync(client, replica, backend!.Gone);
                else
                    client.Close(timeout: 0);
            }
        }
    }

    /// <summary>Tries the replicas in random order, again and again until the dial time-out.</summary>
    private async Task<(Socket?, Backend?)> DialAsync()
    {
        var deadline = TimeProvider.System.GetTimestamp() + (long)(DialTimeout.TotalSeconds * TimeProvider.System.TimestampFrequency);
        while (!_stopping.IsCancellationRequested && TimeProvider.System.GetTimestamp() < deadline)
        {
            var candidates = _backends.ToArray();
            Random.Shared.Shuffle(candidates);
            foreach (var backend in candidates)
            {
                if (await TryDialAsync(backend) is { } replica)
                    return (replica, backend);
            }

            await Task.Delay(DialPause);
        }

        return (null, null);
    }

    private static async Task<Socket?> TryDialAsync(Backend backend)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, backend.Port), backend.Gone);
            return socket;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // Not listening yet, just gone, or no file descriptor left: the next candidate, or the next round, may be better.
            socket?.Dispose();
            return null;
        }
    }
}
