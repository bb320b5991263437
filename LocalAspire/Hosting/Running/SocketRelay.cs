using System.Buffers;
using System.Net.Sockets;

namespace LocalAspire;

/// <summary>
/// Passes bytes both ways between two sockets. An idle connection holds no buffer: each direction waits with a read of zero bytes. A
/// direction reads on only when the other side has taken what was read, so a slow reader slows its writer and nobody else.
/// </summary>
internal static class SocketRelay
{
    private const int BufferSize = 32 * 1024;

    /// <summary>
    /// Runs until both directions have ended, or one of them breaks. When the replica's process is gone, what it has still written is
    /// delivered, and then the client's side is closed too.
    /// </summary>
    public static async Task RunAsync(Socket client, Socket replica, CancellationToken replicaGone)
    {
        client.NoDelay = replica.NoDelay = true;
        var up = PumpAsync(client, replica, replicaGone);
        var down = PumpAsync(replica, client, CancellationToken.None);
        var endedInOrder = await await Task.WhenAny(up, down);
        if (!endedInOrder && !replicaGone.IsCancellationRequested)
        {
            // Ends the other direction, which may be waiting.
            client.Dispose();
            replica.Dispose();
        }

        await Task.WhenAll(up, down);
    }

    /// <returns>True where the sender has closed its direction; the receiver was told so. False where the connection is broken.</returns>
    private static async Task<bool> PumpAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        try
        {
            do
                await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken);
            while (await MoveAsync(from, to, cancellationToken));

            to.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A peer that resets or leaves is the normal end of a connection, not a fault of the proxy.
            return false;
        }
    }

    private static async ValueTask<bool> MoveAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var count = await from.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            for (var sent = 0; sent < count;)
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None, cancellationToken);
            return count > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
