using System.Net;
using System.Net.Sockets;

namespace LocalAspire;

/// <summary>
/// Finds ports for processes that bind them later. They lie below the range from which the kernel takes the ports of outgoing
/// connections (32768 on Linux), of which a load test uses up many, and no port is given twice.
/// </summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int Last = 32_767;
    private const int Backlog = 4096;
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    public static int Next()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < Last - First; attempt++)
            {
                var port = Random.Shared.Next(First, Last + 1);
                if (IsFree(port) && Given.Add(port))
                    return port;
            }
        }

        throw new Aspire.Hosting.DistributedApplicationException($"No free port was found between {First} and {Last}.");
    }

    public static bool IsFree(int port)
    {
        using var socket = TryBind(IPAddress.Loopback, port);
        return socket is not null;
    }

    /// <summary>A listening socket; null where the port is in use, or the machine has no such address.</summary>
    public static Socket? TryBind(IPAddress address, int port)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
    }
}
