using System.Net;

namespace SseScaling.LoadTest.Clients;

/// <summary>One connection's owner. All calls come under the loop's <see cref="SocketLoop.Gate"/>, one at a time.</summary>
internal interface IConnection
{
    /// <summary>Its place in the loop, 0 to capacity - 1; one connection at a time.</summary>
    int Slot { get; }

    /// <summary>The connection stands.</summary>
    void Connected();

    /// <summary>Bytes came; the span is valid during the call only.</summary>
    void Received(ReadOnlySpan<byte> bytes);

    /// <summary>The connection could not be made or is over, for a reason other than <see cref="SocketLoop.Close"/>. It is closed already.</summary>
    /// <param name="reason">What the operating system says, or null for an orderly end.</param>
    void Closed(string? reason);
}

/// <summary>Where a connection goes to, and from which local address.</summary>
/// <param name="Target">The server.</param>
/// <param name="Source">The local address, or null for the one that the system takes.</param>
/// <param name="ReceiveBuffer">The kernel's receive buffer in bytes, or 0 for the system's default.</param>
internal sealed record Route(IPEndPoint Target, IPAddress? Source, int ReceiveBuffer = 0);

/// <summary>
/// Moves the bytes of many plain TCP connections with as little work as the platform allows. One thread calls
/// <see cref="Poll"/> in turn; every other member is called under <see cref="Gate"/>.
/// </summary>
internal abstract class SocketLoop : IDisposable
{
    /// <summary>Guards the loop, its connections and what they count: held while events are dispatched, so readers take it briefly.</summary>
    public Lock Gate { get; } = new();

    /// <summary>When the bytes that are being dispatched were received (<see cref="Measure.Clock.Now"/>).</summary>
    public long ReceivedAt { get; protected set; }

    /// <summary>The leanest loop for this platform.</summary>
    /// <param name="capacity">How many connections it may hold.</param>
    /// <param name="portable">Take the one that works everywhere, also where there is a leaner one.</param>
    public static SocketLoop Create(int capacity, bool portable = false) =>
        !portable && OperatingSystem.IsLinux() ? new EpollLoop(capacity) : new PortableLoop(capacity);

    /// <summary>Starts to connect; answers through <see cref="IConnection.Connected"/> or <see cref="IConnection.Closed"/>, perhaps at once.</summary>
    public abstract void Connect(IConnection connection, Route route);

    /// <summary>Sends a request that is small enough for an empty send buffer.</summary>
    /// <returns>False if it could not be taken whole.</returns>
    public abstract bool Send(IConnection connection, ReadOnlySpan<byte> bytes);

    /// <summary>Stops reading, as a client that hangs does; the connection stays open.</summary>
    public abstract void StopReading(IConnection connection);

    /// <summary>Closes without a further call to the connection; nothing happens if it is not open.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="abort">Reset rather than end in good order, which also leaves no port in TIME_WAIT.</param>
    public abstract void Close(IConnection connection, bool abort = false);

    /// <summary>Waits until something happens, at most this long, and dispatches it. Called by the loop's own thread, without the gate.</summary>
    public abstract void Poll(TimeSpan longest);

    /// <inheritdoc />
    public abstract void Dispose();
}
